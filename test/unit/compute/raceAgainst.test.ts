import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { raceAgainst } from '../../../src/server/compute/raceAgainst';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

test('results are not retained until the end', async () => {
  const race = raceAgainst(new Promise<string>(() => {}));
  const answers: WeakRef<object>[] = [];
  const ask = async () => {
    const answer = await race(Promise.resolve({ values: new Float32Array(1000) }));
    if (typeof answer === 'object') answers.push(new WeakRef(answer));
  };
  for (let i = 0; i < 10; i++) await ask();
  const retained = () => {
    collectGarbage();
    return answers.filter((answer) => answer.deref() !== undefined).length;
  };
  // A frame that has ended may hold its last value until another one takes its place.
  await expect.poll(retained, { timeout: 30_000 }).toBe(0);
  // The race is still there.
  expect(await race(Promise.resolve('again'))).toBe('again');
});

test('pending and later work ends with the end', async () => {
  let finish: (reason: string) => void = () => {};
  const race = raceAgainst(
    new Promise<string>((resolve) => {
      finish = resolve;
    }),
  );
  const waiting = race(new Promise<string>(() => {}));
  const failing = race(Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  finish('killed');
  expect(await waiting).toBe('killed');
  expect(await race(new Promise<string>(() => {}))).toBe('killed');
});
