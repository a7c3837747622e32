// The services that several archives share, for tests. The first test that asks has a service started for the whole run.

/** The variable of the environment with the address at which tests ask. The set-up of the run sets it. */
export const SERVICES_ADDRESS = 'DIMSE_TEST_SERVICES';

/** The URL of a PostgreSQL server; undefined if it is not installed, which is reported on stderr. */
export function testPostgres(): Promise<string | undefined> {
  return urlOf('postgresql', 'DIMSE_TEST_POSTGRES');
}

/**
 * The URL of a bucket in an S3-compatible store; undefined if it is not installed, which is reported on stderr. The variables of
 * the environment from which the clients of AWS read the keys are set for this test file.
 */
export function testStore(): Promise<string | undefined> {
  return urlOf('store', 'DIMSE_TEST_S3');
}

/** A server that runs already may be named in the environment. */
async function urlOf(service: string, variable: string): Promise<string | undefined> {
  const address = process.env[SERVICES_ADDRESS];
  if (process.env[variable] !== undefined || address === undefined) return process.env[variable];
  const response = await fetch(`${address}/${service}`);
  const answer = (await response.json()) as Readonly<Record<string, string>>;
  if (!response.ok) throw new Error(`${service} could not be started: ${answer.error}`);
  if (answer.missing !== undefined) {
    if (process.env.CI) throw new Error(answer.missing);
    process.stderr.write(`${answer.missing}: its tests are skipped\n`);
    return undefined;
  }
  Object.assign(process.env, answer);
  return process.env[variable];
}
