// dimse-scu doctor: connects to a peer step by step, and reports at each step what is wrong and what to try.

import { peerText } from '@x/cli/peer';
import { ExitCode } from '@x/cli/program';
import { tlsClientOptions } from '@x/cli/tls-options';
import {
  DEFAULT_TRANSFER_SYNTAXES,
  instanceAvailabilityNotification,
  mediaCreationManagement,
  modalityPerformedProcedureStep,
  modalityWorklist,
  openSession,
  patientRoot,
  printManagement,
  type ServiceClass,
  storage,
  storageCommitment,
  studyRoot,
  uidName,
  unifiedProcedureStep,
  verification,
} from '@x/dimse';
import {
  type Association,
  AssociationRejectedError,
  ConnectionLostError,
  DEFAULT_TIMEOUTS,
  describeContextResult,
  openTransport,
  type ProposedContext,
} from '@x/net';
import { abortOn, type Connecting, peerOptions } from '../peer/connect.ts';
import { type Explanation, explainError } from '../peer/explain-error.ts';
import { peerVerb } from '../verb.ts';

type Examining = Connecting;

/** The result of a step. */
interface Finding {
  readonly step: string;
  readonly result: 'ok' | 'failed' | 'skipped';
  readonly words: string;
  readonly details?: object;
}

export const doctor = peerVerb({
  name: 'doctor',
  description: 'tests the connection step by step, and reports what is wrong and what to try',
  examples: ['ARCHIVE@10.0.0.5:104 --calling CT01'],
  parameters: [],
  run: examine,
});

async function examine(examining: Examining): Promise<number> {
  const { output } = examining;
  const tell = ({ step, result, words, details }: Finding) => {
    const [line, value] = [`${result.padEnd(7)} ${step}: ${words}`, { step, result, words, ...details }];
    if (result === 'failed') output.failedResult(line, value);
    else output.result(line, value);
  };
  try {
    tell(await reachPort(examining));
    if (examining.options.tls) tell(await secure(examining));
    const [associated, association] = await associate(examining);
    tell(associated);
    if (!association) return ExitCode.Success;
    for (const finding of await contexts(examining)) tell(finding);
    return ExitCode.Success;
  } catch (error) {
    if (!(error instanceof FailedStep)) throw error;
    const { finding, exitCode } = error;
    tell(finding);
    return exitCode;
  }
}

/** A step without which the next ones are impossible. */
class FailedStep extends Error {
  readonly finding: Finding;
  readonly exitCode: number;

  constructor(step: string, { line, exitCode }: Explanation) {
    super(line);
    this.finding = { step, result: 'failed', words: line };
    this.exitCode = exitCode;
  }
}

async function attempt<Result>(step: string, examining: Examining, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const { peer, options, signal } = examining;
    signal.throwIfAborted();
    throw new FailedStep(step, explainError(error, peer, options.calling));
  }
}

async function reachPort(examining: Examining): Promise<Finding> {
  const { peer, signal } = examining;
  const begun = performance.now();
  const socket = await attempt('TCP', examining, () => openTransport(addressOf(peer), timeoutsOf(examining), signal));
  const { remoteAddress = '', localAddress = '' } = socket;
  socket.destroy();
  const milliseconds = since(begun);
  const words = `${remoteAddress} port ${peer.port} accepted the connection from ${localAddress}, ${milliseconds} ms`;
  return { step: 'TCP', result: 'ok', words, details: { remoteAddress, localAddress, milliseconds } };
}

async function secure(examining: Examining): Promise<Finding> {
  const { peer, signal, options } = examining;
  const begun = performance.now();
  const tls = tlsClientOptions(options);
  const socket = await attempt('TLS', examining, () =>
    openTransport({ ...addressOf(peer), ...(tls && { tls }) }, timeoutsOf(examining), signal),
  );
  const { getProtocol, getCipher, getPeerCertificate } = socket as unknown as import('node:tls').TLSSocket;
  const protocol = getProtocol.call(socket) ?? '';
  const cipher = getCipher.call(socket).standardName;
  const { subject, valid_to: until } = getPeerCertificate.call(socket);
  socket.destroy();
  const name = subject?.CN ?? '';
  const days = Math.floor((Date.parse(until) - Date.now()) / 86_400_000);
  const words = `${protocol}, ${cipher}, certificate for ${JSON.stringify(name)}, valid for ${days} more days`;
  return {
    step: 'TLS',
    result: 'ok',
    words,
    details: { protocol, cipher, subject: name, until, milliseconds: since(begun) },
  };
}

async function associate(examining: Examining): Promise<[Finding, Association | undefined]> {
  const { peer, options, signal } = examining;
  const session = await openSession({ ...peerOptions(examining), services: [verification], signal }).catch(
    async (error: unknown) => {
      signal.throwIfAborted();
      const hint = await hintFor(error, examining);
      const { line, exitCode } = explainError(error, peer, options.calling);
      throw new FailedStep('association', { line: hint === undefined ? line : `${line} ${hint}`, exitCode });
    },
  );
  abortOn(signal, session);
  const { association } = session;
  const { implementationClassUid = '', implementationVersionName = '', maximumLength } = association.peer;
  const who = [implementationVersionName, implementationClassUid].filter(Boolean).join(', ');
  const longest = maximumLength === 0 ? 'PDUs of any length' : `PDUs of up to ${maximumLength} bytes`;
  const accepted = `${peerText(peer)} accepted ${options.calling}; implementation: ${who || 'unnamed'}; it receives ${longest}`;
  const details = { implementationClassUid, implementationVersionName, maximumLength };
  const finding: Finding = { step: 'association', result: 'ok', words: accepted, details };
  if (association.contexts.size === 0) {
    await session.release();
    return [{ ...finding, words: `${accepted}; it does not support Verification` }, association];
  }
  const begun = performance.now();
  await attempt('echo', examining, () => session.use(verification).echo());
  const milliseconds = since(begun);
  await session.release();
  return [
    {
      ...finding,
      words: `${accepted}; it answered C-ECHO in ${milliseconds} ms`,
      details: { ...details, milliseconds },
    },
    association,
  ];
}

/** The peer without its AE title, which a transport does not need. */
function addressOf({ host, port }: Examining['peer']): { readonly host: string; readonly port: number } {
  return { host, port };
}

/** Advice if the peer expects TLS and we did not use it. */
async function hintFor(error: unknown, examining: Examining): Promise<string | undefined> {
  const { peer, options, signal } = examining;
  if (options.tls || error instanceof AssociationRejectedError || !(error instanceof ConnectionLostError))
    return undefined;
  try {
    const socket = await openTransport(
      { ...addressOf(peer), tls: { verify: 'nothing' } },
      timeoutsOf(examining),
      signal,
    );
    socket.destroy();
    return 'It expects TLS at this port: use --tls.';
  } catch {
    return undefined;
  }
}

const SERVICES: readonly ServiceClass[] = [
  verification,
  studyRoot,
  patientRoot,
  modalityWorklist,
  modalityPerformedProcedureStep,
  storageCommitment,
  unifiedProcedureStep,
  instanceAvailabilityNotification,
  printManagement,
  mediaCreationManagement,
  storage,
];

/** Proposes the contexts of every service class, 128 to an association, and reports which ones the peer accepts. */
async function contexts(examining: Examining): Promise<Finding[]> {
  const proposed = SERVICES.flatMap(({ sopClasses }) => Object.values(sopClasses)).map(
    ({ uid }): ProposedContext => ({ abstractSyntax: uid, transferSyntaxes: DEFAULT_TRANSFER_SYNTAXES }),
  );
  const accepted = new Map<string, string>();
  const refused = new Map<string, string>();
  for (let start = 0; start < proposed.length; start += MOST_CONTEXTS) {
    const group = proposed.slice(start, start + MOST_CONTEXTS);
    const { signal } = examining;
    const session = await attempt('contexts', examining, () =>
      openSession({ ...peerOptions(examining), services: [], contexts: group, signal }),
    );
    for (const { abstractSyntax, transferSyntax } of session.association.contexts.values())
      accepted.set(abstractSyntax, transferSyntax);
    for (const { abstractSyntax, result } of session.association.refusedContexts)
      refused.set(abstractSyntax, describeContextResult(result));
    await session.release();
  }
  return SERVICES.map((service) => findingOf(service, accepted, refused, examining.options.verbose > 0));
}

function findingOf(
  { name, sopClasses }: ServiceClass,
  accepted: ReadonlyMap<string, string>,
  refused: ReadonlyMap<string, string>,
  isVerbose: boolean,
): Finding {
  const uids = Object.values(sopClasses).map(({ uid }) => uid);
  const taken = uids.filter((uid) => accepted.has(uid));
  const others = uids.filter((uid) => !accepted.has(uid));
  const reasons = [...new Set(others.map((uid) => refused.get(uid) ?? 'no answer'))];
  const listed = isVerbose || (others.length > 0 && others.length <= 3);
  const why =
    others.length === 0 ? '' : `, not ${listed ? others.map(uidName).join(', ') : 'the others'}: ${reasons.join('; ')}`;
  return {
    step: 'contexts',
    result: taken.length > 0 ? 'ok' : 'skipped',
    words: `${name}: ${taken.length} of ${uids.length} SOP classes${why}`,
    details: {
      accepted: taken.map((sopClass) => ({ sopClass, transferSyntax: accepted.get(sopClass) })),
      refused: others.map((sopClass) => ({ sopClass, reason: refused.get(sopClass) })),
    },
  };
}

function timeoutsOf({ options }: Examining) {
  const { connectTimeout = DEFAULT_TIMEOUTS.connect } = options;
  return { ...DEFAULT_TIMEOUTS, connect: connectTimeout };
}

function since(begun: number): number {
  return Number((performance.now() - begun).toFixed(1));
}

const MOST_CONTEXTS = 128;
