import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import schema from '../../fixtures/kubernetes/job.schema.json' with { type: 'json' };

const page = readFileSync(join(__dirname, '../../../docs/cluster.md'), 'utf8');
const [, manifest = ''] = /^```yaml\n(.*?)^```$/ms.exec(page) ?? [];
const job = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
const refused = (text: string): string[] =>
  job.safeParse(parse(text)).error?.issues.map(({ message, path }) => `${path.join('.')}: ${message}`) ?? [];

test('the manifest of docs/cluster.md is an indexed job to Kubernetes', () => {
  expect(refused(manifest)).toEqual([]);
  expect(parse(manifest)).toMatchObject({
    apiVersion: 'batch/v1',
    kind: 'Job',
    spec: { completionMode: 'Indexed', template: { spec: { restartPolicy: 'OnFailure' } } },
  });
});

test.each([
  ['backoffLimit:', 'backofLimit:', 'spec: '],
  ['completions: 8', 'completions: "8"', 'spec.completions: '],
  ['value: "8"', 'value: 8', 'spec.template.spec.containers.0.env.0.value: '],
  ['workingDir:', 'workDir:', 'spec.template.spec.containers.0: '],
  [', mountPath: /data', '', 'spec.template.spec.containers.0.volumeMounts.0.mountPath: '],
])('with %s as %s it is refused', (right, wrong, at) => {
  expect(manifest).toContain(right);
  expect(refused(manifest.replace(right, wrong))).toEqual([expect.stringContaining(at)]);
});
