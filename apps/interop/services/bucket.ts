// Makes a bucket in an S3-compatible store by one request with a signature of version 4, so that no client is needed.

import { createHash, createHmac } from 'node:crypto';

export interface StoreAccess {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export const BUCKET = 'dimse';
const REGION = 'us-east-1';

/** @throws Error if the store refuses */
export async function makeBucket({ endpoint, accessKeyId, secretAccessKey }: StoreAccess): Promise<void> {
  const { host } = new URL(endpoint);
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const payload = sha256('');
  const headers = { host, 'x-amz-content-sha256': payload, 'x-amz-date': time };
  const signed = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`);
  const request = ['PUT', `/${BUCKET}`, '', ...lines, '', signed, payload].join('\n');
  const scope = [time.slice(0, 8), REGION, 's3', 'aws4_request'];
  const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part).digest(), `AWS4${secretAccessKey}`);
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(request)].join('\n');
  const signature = hmac(key, text).digest('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope.join('/')}, SignedHeaders=${signed}, Signature=${signature}`;
  const { host: _, ...sent } = headers;
  const response = await fetch(`${endpoint}/${BUCKET}`, { method: 'PUT', headers: { ...sent, authorization } });
  // 409: it exists.
  if (!response.ok && response.status !== 409)
    throw new Error(`the store did not make the bucket: ${response.status} ${await response.text()}`);
}

/** The URL of the bucket, and the variables that the clients of AWS read. */
export function storeAddress({ endpoint, accessKeyId, secretAccessKey }: StoreAccess) {
  const url = `s3://${BUCKET}?endpoint=${endpoint}&region=${REGION}`;
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: REGION };
  return { url, environment: { DIMSE_TEST_S3: url, ...keys } };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text);
