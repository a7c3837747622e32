// User Identity Negotiation: PS3.7 §D.3.3.7.

import type { UserIdentity } from '@x/pdu';
import { aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';

/** Kinds of user identity (PS3.7 Table D.3-14). */
export const UserIdentityType = {
  /** A user name. */
  Username: 1,
  /** A user name and a passcode. */
  UsernameAndPasscode: 2,
  /** A Kerberos service ticket. */
  KerberosTicket: 3,
  /** A SAML assertion. */
  SamlAssertion: 4,
  /** A JSON Web Token. */
  JsonWebToken: 5,
} as const;

/** Options of all kinds of user identity. */
export interface IdentityOptions {
  /** Asks the peer to confirm the identity; see `association.userIdentity` for the outcome. Default false. */
  readonly requestResponse?: boolean;
}

/**
 * An identity by its kind: `username` and `passcode`, `ticket`, `assertion`, `token`, or the `identityType` of an unknown kind.
 * The bytes are those of the PDU, including NUL and trailing spaces.
 */
export type ReadUserIdentity =
  | { readonly kind: 'username'; readonly username: Uint8Array }
  | { readonly kind: 'username-and-passcode'; readonly username: Uint8Array; readonly passcode: Uint8Array }
  | { readonly kind: 'kerberos-ticket'; readonly ticket: Uint8Array }
  | { readonly kind: 'saml-assertion'; readonly assertion: Uint8Array }
  | { readonly kind: 'json-web-token'; readonly token: Uint8Array }
  | { readonly kind: 'unknown'; readonly identityType: number };

/** Type 1: a user name. Text is encoded in UTF-8, as the standard requires. */
export function usernameIdentity(username: string | Uint8Array, options?: IdentityOptions): UserIdentity {
  return identity(UserIdentityType.Username, username, NONE, options);
}

/** Type 2: a user name and a passcode, in UTF-8. Send it only over TLS, because it is not encrypted otherwise. */
export function passcodeIdentity(
  username: string | Uint8Array,
  passcode: string | Uint8Array,
  options?: IdentityOptions,
): UserIdentity {
  return identity(UserIdentityType.UsernameAndPasscode, username, passcode, options);
}

/** Type 3: a Kerberos service ticket. */
export function kerberosIdentity(ticket: Uint8Array, options?: IdentityOptions): UserIdentity {
  return identity(UserIdentityType.KerberosTicket, ticket, NONE, options);
}

/** Type 4: a SAML assertion. */
export function samlIdentity(assertion: string | Uint8Array, options?: IdentityOptions): UserIdentity {
  return identity(UserIdentityType.SamlAssertion, assertion, NONE, options);
}

/** Type 5: a JSON Web Token. */
export function jsonWebTokenIdentity(token: string | Uint8Array, options?: IdentityOptions): UserIdentity {
  return identity(UserIdentityType.JsonWebToken, token, NONE, options);
}

/** Reads an identity by its kind. The caller has to decode and verify names and tokens. */
export function readUserIdentity({ identityType, primaryField, secondaryField }: UserIdentity): ReadUserIdentity {
  switch (identityType) {
    case UserIdentityType.Username:
      return { kind: 'username', username: primaryField };
    case UserIdentityType.UsernameAndPasscode:
      return { kind: 'username-and-passcode', username: primaryField, passcode: secondaryField };
    case UserIdentityType.KerberosTicket:
      return { kind: 'kerberos-ticket', ticket: primaryField };
    case UserIdentityType.SamlAssertion:
      return { kind: 'saml-assertion', assertion: primaryField };
    case UserIdentityType.JsonWebToken:
      return { kind: 'json-web-token', token: primaryField };
    default:
      return { kind: 'unknown', identityType };
  }
}

const NONE = new Uint8Array(0);

const IDENTITY_OPTIONS: OptionTable<IdentityOptions> = {
  of: 'a user identity',
  rules: { requestResponse: aValueOf('boolean') },
};

function identity(
  identityType: number,
  primary: string | Uint8Array,
  secondary: string | Uint8Array,
  options?: IdentityOptions,
): UserIdentity {
  const { requestResponse = false } = checkOptions(IDENTITY_OPTIONS, options);
  return {
    identityType,
    positiveResponseRequested: requestResponse,
    primaryField: bytesOf(primary),
    secondaryField: bytesOf(secondary),
  };
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? new TextEncoder().encode(value) : value;
}
