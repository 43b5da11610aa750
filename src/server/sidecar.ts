import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import { z } from 'zod';
import { fail } from '../shared/errors';
import type { InputSource, ModelSettings } from '../shared/inputs';
import { writeBytes } from './heatMapFiles';

/** Settings are a page of text; a larger file is something else. */
const MOST_BYTES = 4 * 2 ** 20;

const numbers = z.array(z.number()).max(4096);
const settingsSchema = z.object({
  preprocessing: z
    .object({
      name: z.enum(['none', '0..1', '-1..1', 'caffe', 'torch', 'custom']),
      mean: numbers.optional(),
      scale: numbers.optional(),
    })
    .optional(),
  labels: z.array(z.string()).max(1_000_000).optional(),
  lastInputs: z
    .array(
      z.union([
        z.object({ kind: z.literal('file'), path: z.string(), member: z.string().optional() }),
        z.object({ kind: z.literal('random'), seed: z.number() }),
      ]),
    )
    .optional(),
});

export const sidecarPath = (model: string): string => `${model}.layerglass.json`;

/**
 * Reads `<model file>.layerglass.json`; `null` when there is none.
 * Paths in it are relative to its folder and may not lead out of it: a model from somewhere else must not make
 * Layerglass read other files.
 * @throws Failure `bad-config` naming the file.
 */
export function readSidecar(model: string): ModelSettings | null {
  const path = sidecarPath(model);
  if (!existsSync(path)) return null;
  const bad = (why: string): never =>
    fail('bad-config', `${basename(path)} ${why}.`, {
      subject: path,
      remedy: 'Correct it or delete it; "Layerglass: Save Settings Beside the Model" writes a new one.',
    });
  if (statSync(path).size > MOST_BYTES) return bad('is too large to be a settings file');
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return bad('is no valid JSON');
  }
  const parsed = settingsSchema.safeParse(json);
  if (!parsed.success) return bad(`has a wrong value at "${parsed.error.issues[0]?.path.join('.') ?? ''}"`);
  const folder = dirname(path);
  const lastInputs = parsed.data.lastInputs?.flatMap((source): InputSource[] => {
    if (source.kind === 'random') return [source];
    const absolute = resolve(folder, source.path);
    const inside = relative(folder, absolute);
    if (isAbsolute(source.path) || inside.startsWith('..') || isAbsolute(inside)) return [];
    return [{ ...source, path: absolute }];
  });
  return { ...parsed.data, ...(lastInputs === undefined ? {} : { lastInputs }) };
}

/** Writes the sidecar; inputs outside the model's folder are a person's own and are left out. */
export function writeSidecar(model: string, settings: ModelSettings): string {
  const path = sidecarPath(model);
  const folder = dirname(path);
  const lastInputs = settings.lastInputs?.map((source) =>
    source.kind === 'file'
      ? { ...source, path: relative(folder, source.path).replaceAll('\\', '/') }
      : source,
  );
  const whole = lastInputs?.every(
    (s) => s.kind === 'random' || !(s.path.startsWith('..') || isAbsolute(s.path)),
  );
  const { lastInputs: _, ...rest } = settings;
  const saved = { ...rest, ...(whole && lastInputs ? { lastInputs } : {}) };
  writeBytes(path, Buffer.from(`${JSON.stringify(saved, null, 2)}\n`));
  return path;
}
