import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** A `saved_model.pb` that adds to its input a constant that stores one number and claims `shape`. */
export function savedModelOf(shape: readonly number[]): Uint8Array {
  const tensorShape = (sizes: readonly number[]) =>
    message((w) => {
      for (const size of sizes) nested(w, 2, (dim) => dim.tag(1, 0).int64(size));
    });
  const attribute = (w: BinaryWriter, key: string, value: (v: BinaryWriter) => void) =>
    nested(w, 5, (entry) => nested(entry.tag(1, 2).string(key), 2, value));
  const type = (v: BinaryWriter) => v.tag(6, 0).int32(1);
  const node = (graph: BinaryWriter, name: string, op: string, fill: (w: BinaryWriter) => void) =>
    nested(graph, 1, (w) => fill(w.tag(1, 2).string(name).tag(2, 2).string(op)));
  const end = (w: BinaryWriter, field: number, key: string, name: string) =>
    nested(w, field, (e) => nested(e.tag(1, 2).string(key), 2, (info) => info.tag(1, 2).string(name)));
  return message((w) => {
    nested(w.tag(1, 0).int32(1), 2, (meta) => {
      nested(meta, 1, (info) => info.tag(4, 2).string('serve'));
      nested(meta, 2, (graph) => {
        node(graph, 'x', 'Placeholder', (n) => {
          attribute(n, 'dtype', type);
          attribute(n, 'shape', (v) => v.tag(7, 2).bytes(tensorShape([1])));
        });
        node(graph, 'c', 'Const', (n) => {
          attribute(n, 'dtype', type);
          attribute(n, 'value', (v) =>
            nested(v, 8, (t) =>
              t.tag(1, 0).int32(1).tag(2, 2).bytes(tensorShape(shape)).tag(5, 5).float(0.5),
            ),
          );
        });
        node(graph, 'y', 'AddV2', (n) => {
          attribute(n.tag(3, 2).string('x').tag(3, 2).string('c'), 'T', type);
        });
      });
      nested(meta, 5, (entry) =>
        nested(entry.tag(1, 2).string('serving_default'), 2, (signature) => {
          end(signature, 1, 'x', 'x:0');
          end(signature, 2, 'y', 'y:0');
        }),
      );
    });
  });
}

/** A `saved_model.pb` whose graph is `count` empty nodes of two bytes each. */
export function savedModelOfEmptyNodes(count: number): Uint8Array {
  const graph = Buffer.alloc(count * 2, Buffer.from([0x0a, 0x00]));
  return message((w) => nested(w.tag(1, 0).int32(1), 2, (meta) => meta.tag(2, 2).bytes(graph)));
}

/** A `variables.index` in which each of `count` entries repeats the key of the entry before it, of `keyBytes` bytes. */
export function indexOfLongKeys(keyBytes: number, count: number): Uint8Array {
  const entry = (shared: number, own: Uint8Array) =>
    Buffer.concat([new BinaryWriter().uint32(shared).uint32(own.length).uint32(0).finish(), own]);
  const block = (...parts: Uint8Array[]) => Buffer.concat([...parts, Buffer.from([0, 0, 0, 0, 1, 0, 0, 0])]);
  const trailer = Buffer.alloc(5);
  const handle = (offset: number, size: number) => new BinaryWriter().uint64(offset).uint64(size).finish();
  const long = entry(0, Buffer.alloc(keyBytes, 'k'));
  const again = entry(keyBytes, Buffer.alloc(0));
  const data = block(long, Buffer.alloc(count * again.length, again));
  const place = handle(0, data.length);
  const index = block(
    new BinaryWriter().uint32(0).uint32(1).uint32(place.length).finish(),
    Buffer.from('z'),
    place,
  );
  const footer = Buffer.alloc(48);
  footer.set(Buffer.concat([handle(0, 0), handle(data.length + 5, index.length)]));
  footer.set(Buffer.from('57fb808b247547db', 'hex'), 40);
  return Buffer.concat([data, trailer, index, trailer, footer]);
}

function message(fill: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter();
  fill(writer);
  return writer.finish();
}

function nested(writer: BinaryWriter, field: number, fill: (inner: BinaryWriter) => void): BinaryWriter {
  return writer.tag(field, 2).bytes(message(fill));
}
