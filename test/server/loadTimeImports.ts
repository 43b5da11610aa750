/** Which libraries a native library names to be loaded together with it: the import tables of ELF, Mach-O and PE (64 bit, little-endian). */

/**
 * Names as the file spells them, e.g. `libm.so.6`, `@rpath/libonnxruntime.1.dylib` or `KERNEL32.dll`.
 * What a library loads later (delayed imports of PE, dlopen) is not among them.
 * @throws Error if the file is in none of the three formats
 */
export function loadTimeImports(file: Buffer): string[] {
  if (file.readUInt32BE(0) === 0x7f454c46) return elfImports(file);
  if (file.readUInt32LE(0) === 0xfeedfacf) return machImports(file);
  if (file.toString('latin1', 0, 2) === 'MZ') return peImports(file);
  throw new Error('not a native library');
}

function text(file: Buffer, at: number): string {
  return file.toString('utf8', at, file.indexOf(0, at));
}

const size64 = (file: Buffer, at: number) => Number(file.readBigUInt64LE(at));

/** The DT_NEEDED entries of the section `.dynamic`. */
function elfImports(file: Buffer): string[] {
  const DYNAMIC_SECTION = 6;
  const NEEDED = 1;
  const sections = size64(file, 40);
  const size = file.readUInt16LE(58);
  const section = (index: number) => {
    const at = sections + index * size;
    return {
      type: file.readUInt32LE(at + 4),
      offset: size64(file, at + 24),
      length: size64(file, at + 32),
      link: file.readUInt32LE(at + 40),
    };
  };
  const names: string[] = [];
  for (let index = 0; index < file.readUInt16LE(60); index++) {
    const { type, offset, length, link } = section(index);
    if (type !== DYNAMIC_SECTION) continue;
    const strings = section(link).offset;
    for (let at = offset; at < offset + length; at += 16) {
      if (size64(file, at) === NEEDED) names.push(text(file, strings + size64(file, at + 8)));
    }
  }
  return names;
}

/** The libraries of LC_LOAD_DYLIB, which must be there; weak ones need not. */
function machImports(file: Buffer): string[] {
  const LOAD_DYLIB = 0xc;
  const names: string[] = [];
  let at = 32;
  for (let index = 0; index < file.readUInt32LE(16); index++) {
    if (file.readUInt32LE(at) === LOAD_DYLIB) names.push(text(file, at + file.readUInt32LE(at + 8)));
    at += file.readUInt32LE(at + 4);
  }
  return names;
}

/** The DLLs of the import directory. */
function peImports(file: Buffer): string[] {
  const header = file.readUInt32LE(0x3c);
  const optional = header + 24;
  const sections = optional + file.readUInt16LE(header + 20);
  const offsetOf = (address: number): number => {
    for (let index = 0; index < file.readUInt16LE(header + 6); index++) {
      const at = sections + 40 * index;
      const [start, length] = [file.readUInt32LE(at + 12), file.readUInt32LE(at + 16)];
      if (address >= start && address < start + length) return address - start + file.readUInt32LE(at + 20);
    }
    throw new Error(`no section of the DLL contains the address ${address}`);
  };
  const names: string[] = [];
  const directory = offsetOf(file.readUInt32LE(optional + 112 + 8));
  for (let at = directory; file.readUInt32LE(at + 12) !== 0; at += 20)
    names.push(text(file, offsetOf(file.readUInt32LE(at + 12))));
  return names;
}
