import Builder from 'fast-xml-builder';

/** One check: of an input, or of all. */
export interface CheckCase {
  readonly name: string;
  readonly seconds: number;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly message: string;
}

/** Characters that XML 1.0 cannot hold, not even escaped, and those that an attribute does not keep. */
const NOT_IN_XML = /[^\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const clean = (text: string): string => text.replace(NOT_IN_XML, '\ufffd');

/** Checks as JUnit XML, which CI systems show as tests. @param suite its name */
export function junitXml(suite: string, cases: readonly CheckCase[]): string {
  const count = (outcome: CheckCase['outcome']): number =>
    cases.filter((one) => one.outcome === outcome).length;
  const seconds = cases.reduce((sum, one) => sum + one.seconds, 0);
  const totals = {
    '@tests': cases.length,
    '@failures': count('failed'),
    '@errors': 0,
    '@skipped': count('skipped'),
    '@time': seconds.toFixed(3),
  };
  const builder = new Builder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
    suppressEmptyNode: true,
  });
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: {
      ...totals,
      testsuite: {
        '@name': clean(suite),
        ...totals,
        testcase: cases.map(({ name, seconds: time, outcome, message }) => ({
          '@name': clean(name),
          '@classname': clean(suite),
          '@time': time.toFixed(3),
          ...(outcome === 'failed' && { failure: { '@message': clean(message) } }),
          ...(outcome === 'skipped' && { skipped: { '@message': clean(message) } }),
        })),
      },
    },
  });
}
