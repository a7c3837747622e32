// The place of an object store: s3://bucket/prefix?endpoint=http://host:port&region=…&pathStyle=1.

import { UsageError } from '@x/cli/program';

/** A bucket, and the part of it that belongs to the archive. */
export interface ObjectStorePlace {
  readonly bucket: string;
  /** The beginning of all keys, without a slash at its end; may be empty. */
  readonly prefix: string;
  /** The server, without a path. */
  readonly endpoint: URL;
  readonly region: string;
  /** Whether the bucket is the first part of the path; otherwise it is the first part of the name of the host. */
  readonly isPathStyle: boolean;
}

/** The keys that sign requests. */
export interface ObjectStoreKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** @throws UsageError */
export function parseObjectStoreUrl(text: string): ObjectStorePlace {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 's3:') throw wrong('it must begin with s3://');
  if (url.username || url.password) throw wrong(`it must not have access keys: ${KEYS_BELONG}`);
  if (url.port || url.hash) throw wrong('the server belongs into the parameter endpoint');
  const bucket = url.hostname;
  if (!BUCKET.test(bucket))
    throw wrong('the name of the bucket has 3 to 63 letters, digits, dots, hyphens and underscores');
  const prefix = url.pathname.replace(/^\/|\/$/g, '');
  if (!PREFIX.test(prefix) || prefix.length > LONGEST_PREFIX)
    throw wrong(`the prefix has at most ${LONGEST_PREFIX} letters, digits, hyphens, underscores and slashes`);
  const unknown = [...url.searchParams.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined)
    throw wrong(`the parameter ${JSON.stringify(unknown)} is not one of ${PARAMETERS.join(', ')}`);
  const region = url.searchParams.get('region') ?? DEFAULT_REGION;
  if (!REGION.test(region)) throw wrong('the region has letters, digits and hyphens');
  const given = url.searchParams.get('endpoint');
  const pathStyle = url.searchParams.get('pathStyle') ?? (given === null ? '0' : '1');
  if (pathStyle !== '0' && pathStyle !== '1') throw wrong('pathStyle must be 0 or 1');
  const endpoint = endpointOf(given ?? `https://s3.${region}.amazonaws.com`);
  return { bucket, prefix, endpoint, region, isPathStyle: pathStyle === '1' };
}

/** The keys of the environment. @throws UsageError if it does not have them */
export function objectStoreKeys(environment: NodeJS.ProcessEnv = process.env): ObjectStoreKeys {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = environment;
  if (!accessKeyId || !secretAccessKey) throw new UsageError(`the object store needs access keys: ${KEYS_BELONG}`);
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

function endpointOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isServer = url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.hash;
  if (!isServer || url.username || url.password)
    throw wrong('the endpoint must be http://host:port or https://host:port');
  return url;
}

/** The URL itself is not shown: it may have a secret in a wrong place. */
function wrong(why: string): UsageError {
  return new UsageError(`not the URL of an object store: ${why}, for example ${EXAMPLE}`);
}

const EXAMPLE = 's3://bucket/prefix?endpoint=http://127.0.0.1:9000';
const KEYS_BELONG = 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
const PARAMETERS = ['endpoint', 'region', 'pathStyle'];
const DEFAULT_REGION = 'us-east-1';
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/;
const PREFIX = /^(?:[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*)?$/;
const LONGEST_PREFIX = 256;
const REGION = /^[A-Za-z0-9-]{1,64}$/;
