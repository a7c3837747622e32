// The user identity that the options describe (PS3.7 §D.3.3.7).

import { readFileSync } from 'node:fs';
import { nearestFileHint } from '@x/cli/nearest-file';
import { UsageError } from '@x/cli/program';
import type { UserIdentity } from '@x/net';
import type { CommonOptions } from './shared-options.ts';

/** @throws UsageError for options that exclude each other, and files that cannot be read */
export function userIdentity(options: CommonOptions): UserIdentity | undefined {
  const { user, passwordFile, kerberosTicket, saml, jwt } = options;
  if ([user, kerberosTicket, saml, jwt].filter((each) => each !== undefined).length > 1)
    throw new UsageError('--user, --kerberos-ticket, --saml and --jwt exclude each other');
  if (passwordFile !== undefined && user === undefined) throw new UsageError('--password-file needs --user');
  const identity = (identityType: number, primaryField: Uint8Array, secondaryField = new Uint8Array(0)) => ({
    identityType,
    positiveResponseRequested: false,
    primaryField,
    secondaryField,
  });
  if (user !== undefined) {
    const name = new TextEncoder().encode(user);
    return passwordFile === undefined ? identity(1, name) : identity(2, name, readPasscode(passwordFile));
  }
  if (kerberosTicket !== undefined) return identity(3, readIdentity(kerberosTicket));
  if (saml !== undefined) return identity(4, readIdentity(saml));
  if (jwt !== undefined) return identity(5, readPasscode(jwt));
  return undefined;
}

/** The bytes of a text file without the line break at its end. */
function readPasscode(path: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(new TextDecoder().decode(readIdentity(path)).replace(/\r?\n$/, ''));
}

function readIdentity(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(
      `the file with the user identity cannot be read: ${(error as Error).message}${nearestFileHint(error)}`,
    );
  }
}
