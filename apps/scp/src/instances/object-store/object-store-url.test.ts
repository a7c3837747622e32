import { UsageError } from '@x/cli/program';
import { describe, expect, test } from 'vitest';
import { objectStoreKeys, parseObjectStoreUrl } from './object-store-url.ts';

describe('the URL of an object store', () => {
  test.each([
    ['s3://bucket', 'bucket', '', 'https://s3.us-east-1.amazonaws.com/', 'us-east-1', false],
    ['s3://my_Bucket/a/b-1/', 'my_Bucket', 'a/b-1', 'https://s3.us-east-1.amazonaws.com/', 'us-east-1', false],
    ['s3://bucket?region=eu-west-1', 'bucket', '', 'https://s3.eu-west-1.amazonaws.com/', 'eu-west-1', false],
    ['s3://bucket?endpoint=http://127.0.0.1:9000', 'bucket', '', 'http://127.0.0.1:9000/', 'us-east-1', true],
    ['s3://bucket/p?endpoint=https://[::1]:1&pathStyle=0', 'bucket', 'p', 'https://[::1]:1/', 'us-east-1', false],
  ])('%s names a place', (text, bucket, prefix, endpoint, region, isPathStyle) => {
    const place = parseObjectStoreUrl(text);
    expect({ ...place, endpoint: place.endpoint.href }).toEqual({ bucket, prefix, endpoint, region, isPathStyle });
  });

  test.each([
    'bucket',
    'https://bucket',
    's3://',
    's3://b',
    's3://key:secret@bucket',
    's3://bucket:9000',
    's3://bucket#part',
    's3://bucket/a//b',
    's3://bucket/../a%20b',
    `s3://bucket/${'a'.repeat(300)}`,
    's3://bucket?secret=secret',
    's3://bucket?region=a/secret',
    's3://bucket?pathStyle=yes',
    's3://bucket?endpoint=127.0.0.1:9000',
    's3://bucket?endpoint=http://key:secret@host',
    's3://bucket?endpoint=http://host/secret',
  ])('%s is refused without showing it', (text) => {
    expect(() => parseObjectStoreUrl(text)).toThrow(UsageError);
    expect(() => parseObjectStoreUrl(text)).not.toThrow(/key:|\/secret/);
  });
});

test('the access keys come from the environment', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
  expect(objectStoreKeys(keys)).toEqual({ accessKeyId: 'id', secretAccessKey: 'secret' });
  expect(objectStoreKeys({ ...keys, AWS_SESSION_TOKEN: 'token' })).toMatchObject({ sessionToken: 'token' });
  for (const missing of [{}, { ...keys, AWS_SECRET_ACCESS_KEY: '' }])
    expect(() => objectStoreKeys(missing)).toThrow('set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
});
