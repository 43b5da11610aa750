import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { CLI, layerglass } from '../cliProcess';

const offered = async (...words: string[]): Promise<string[]> => {
  const { stdout, code } = await layerglass(['complete', '--', ...words]);
  expect(code).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '');
};
/** The last line tells the shell whether files are offered, too. */
const [FILES, NO_FILES] = [':0', ':4'];

test('commands, options and choices complete; where nothing is known, files do', async () => {
  expect(await offered('ins')).toEqual(['inspect', NO_FILES]);
  expect(await offered('explain', '--met')).toEqual(['--method', NO_FILES]);
  expect(await offered('explain', 'model.keras', '--method', 'grad-cam')).toEqual([
    'grad-cam',
    'grad-cam++',
    NO_FILES,
  ]);
  expect(await offered('inspect', '')).toEqual([FILES]);
  expect(await offered('explain', 'model.keras', '--input', '')).toEqual([FILES]);
});

test.each(['bash', 'zsh', 'fish', 'powershell'])('there is a script for %s', async (shell) => {
  const { stdout, code } = await layerglass(['completion', shell]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/layerglass.*complete/s);
});

test.runIf(process.platform === 'linux')('bash completes commands and choices, and files elsewhere', () => {
  const script = `
    layerglass() { "${process.execPath}" "${CLI}" "$@"; }
    # Of the package bash-completion and of readline.
    _get_comp_words_by_ref() { cur="\${COMP_WORDS[COMP_CWORD]}"; words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; }
    compopt() { :; }
    source <(layerglass completion bash)
    complete -p layerglass
    for line in "layerglass expl" "layerglass explain x --method eigen" "layerglass inspect mod"; do
      COMP_WORDS=($line); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); COMPREPLY=()
      __layerglass_complete
      echo "\${COMPREPLY[*]}"
    done
  `;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout.split('\n')).toEqual([
    'complete -o default -F __layerglass_complete layerglass',
    'explain',
    'eigen-cam eigen-grad-cam',
    '',
    '',
  ]);
});
