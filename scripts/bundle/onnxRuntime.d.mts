/** The target whose package contains no native library. */
export const UNIVERSAL: string;
/** Every target that a VSIX can be made for. */
export const TARGETS: readonly string[];
/** The target of this machine; `universal` where ONNX Runtime has no library for it. */
export function targetHere(): string;
