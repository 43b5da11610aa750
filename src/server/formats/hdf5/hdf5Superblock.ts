import { type ByteSource, readBytes } from '../../io/byteSource';
import { hdf5Start } from '../detect';

/**
 * The file size that the superblock declares, in bytes, or `null` where it is not known (no HDF5, an unknown superblock
 * version). A smaller file was cut short.
 * Source: HDF5 File Format Specification 3.0, "Disk Format: Level 0A", superblock versions 0 to 3.
 */
export function declaredHdf5Size(source: ByteSource): number | null {
  const start = hdf5Start(source);
  if (start === null) return null;
  const block = readBytes(source, start, 96);
  const version = block[8];
  // Before the addresses: versions, sizes and flags, in the old versions also the B-tree ranks.
  const layout =
    version === 0
      ? { width: 13, base: 24 }
      : version === 1
        ? { width: 13, base: 28 }
        : { width: 9, base: 12 };
  const width = block[layout.width];
  if (version === undefined || version > 3 || (width !== 4 && width !== 8)) return null;
  const address = (index: number): number | null => {
    const at = layout.base + index * width;
    if (at + width > block.length) return null;
    return width === 8 ? Number(block.readBigUInt64LE(at)) : block.readUInt32LE(at);
  };
  const base = address(0);
  const end = address(2);
  if (base === null || end === null) return start + block.length + 1;
  // The end is relative to the same origin as the base address; the base differs from `start` when data was prepended later.
  return end - base + start;
}
