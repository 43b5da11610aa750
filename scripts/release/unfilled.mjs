/** What only a publisher knows and a manifest can lack: packages can be made without, but not published. */

const address = (value) => (typeof value === 'string' ? value : (value?.url ?? value?.email));

/** `owner/name` of a repository on GitHub in any of its spellings, else null. */
const onGithub = (url) => /github(?:\.com[/:]|:)([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(url)?.[1] ?? null;

/**
 * @param manifest package.json
 * @param changelog the text of CHANGELOG.md
 * @param env of the process: on GitHub it names the repository that publishes
 * @returns what is missing, a sentence each
 */
export function unfilled(manifest, changelog, env = {}) {
  const found = [];
  const repository = address(manifest.repository);
  if (repository === undefined)
    found.push(
      'package.json has no "repository": npm refuses to publish with provenance, and the images of the README have no address. Add the address of the source, as { "type": "git", "url": "git+https://github.com/<owner>/<name>.git" }.',
    );
  else if (/[<>]|\bexample\.(?:com|org|net)\b/.test(repository))
    found.push(
      `"repository" in package.json is a placeholder (${repository}): replace it by the address of the source.`,
    );
  else if (
    env.GITHUB_REPOSITORY !== undefined &&
    onGithub(repository)?.toLowerCase() !== env.GITHUB_REPOSITORY.toLowerCase()
  )
    found.push(
      `"repository" in package.json is ${repository}, but ${env.GITHUB_REPOSITORY} publishes: npm accepts a provenance only of the same repository. Correct the field, or publish from there.`,
    );
  if (address(manifest.bugs) === undefined)
    found.push(
      'package.json has no "bugs": nobody could report a problem. Add { "url": "..." } or { "email": "..." }.',
    );
  if (
    !new RegExp(`^## \\[${manifest.version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d{2}-\\d{2}$`, 'm').test(
      changelog,
    )
  )
    found.push(
      `CHANGELOG.md has no heading "## [${manifest.version}] - <date>": move what is under [Unreleased] below one.`,
    );
  return found;
}
