import { BinaryReader } from '@bufbuild/protobuf/wire';
import * as l10n from '@vscode/l10n';
import { MAX_TABLE_KEY_BYTES } from '../../io/limits';

/** The last bytes of a LevelDB table. */
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
const FOOTER = 48;
/** After each block: how it is compressed (0: not at all) and a checksum. */
const TRAILER = 5;

/**
 * The entries of a sorted table (LevelDB's SSTable, `tensorflow/core/lib/io/table_format.txt`) in their order.
 * @throws RangeError or Error where the bytes are not such a table or its keys take more than `MAX_TABLE_KEY_BYTES`.
 */
export function readTable(bytes: Uint8Array): Map<string, Uint8Array> {
  if (bytes.length < FOOTER || !MAGIC.equals(bytes.subarray(-8)))
    throw new Error(l10n.t('its end is not that of a table'));
  const footer = new BinaryReader(bytes.subarray(-FOOTER));
  handle(footer);
  const entries = new Map<string, Uint8Array>();
  const budget = { keyBytes: MAX_TABLE_KEY_BYTES };
  for (const [, value] of blockAt(bytes, handle(footer), budget)) {
    for (const [key, entry] of blockAt(bytes, handle(new BinaryReader(value)), budget)) {
      entries.set(key, entry);
    }
  }
  return entries;
}

interface Handle {
  readonly offset: number;
  readonly size: number;
}

const handle = (reader: BinaryReader): Handle => ({
  offset: Number(reader.uint64()),
  size: Number(reader.uint64()),
});

function blockAt(
  bytes: Uint8Array,
  { offset, size }: Handle,
  budget: { keyBytes: number },
): [string, Uint8Array][] {
  if (offset + size + TRAILER > bytes.length || size < 4)
    throw new RangeError(l10n.t('a block is outside of it'));
  if (bytes[offset + size] !== 0) throw new Error(l10n.t('it is compressed'));
  const block = bytes.subarray(offset, offset + size);
  const restarts = new DataView(block.buffer, block.byteOffset, size).getUint32(size - 4, true);
  const end = size - 4 - 4 * restarts;
  if (end < 0) throw new RangeError(l10n.t('a block is cut short'));
  const reader = new BinaryReader(block.subarray(0, end));
  const entries: [string, Uint8Array][] = [];
  let key: Buffer = Buffer.alloc(0);
  while (reader.pos < reader.len) {
    const [shared, own, length] = [reader.uint32(), reader.uint32(), reader.uint32()];
    const from = reader.pos;
    const to = from + own + length;
    if (shared > key.length || to > end) throw new RangeError(l10n.t('an entry leads out of its block'));
    // An entry may share a prefix with the key before it, so a few bytes can expand to a long key.
    budget.keyBytes -= shared + own;
    if (budget.keyBytes < 0)
      throw new RangeError(l10n.t('its keys take more than {0} bytes', MAX_TABLE_KEY_BYTES));
    key = Buffer.concat([key.subarray(0, shared), block.subarray(from, from + own)]);
    entries.push([key.toString('utf8'), block.subarray(from + own, to)]);
    reader.pos = to;
  }
  return entries;
}
