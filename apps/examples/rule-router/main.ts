// A router: it keeps each instance in a spool folder, answers, and sends it to each destination whose rule matches. It reads the
// attributes that rules need; pixel data are written as they arrive and never parsed.

import { existsSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { createScp, DimseError, isUid, Status, serve, storage, verification, writeInstance } from '@x/dimse';
import { decodeExtract, FileWriter, STUDY_INSTANCE_UID } from '@x/dimse/data-set';
import { ForwardDelivery } from '@x/dimse/workflow';

/** A rule without a condition matches every instance. */
interface Rule {
  readonly to: string;
  readonly host: string;
  readonly port: number;
  readonly callingAeTitle?: string;
  readonly modality?: string;
}
const { RULES = '[]', SPOOL = 'spool', AE_TITLE = 'ROUTER', HOST = '127.0.0.1', PORT = '11112' } = process.env;
const rules: readonly Rule[] = JSON.parse(RULES);
const spool = resolve(SPOOL);
const MODALITY = 0x00080060;
const pathOf = (destination: string, sopInstance: string) => join(spool, destination, `${sopInstance}.dcm`);

const forwarding = new ForwardDelivery({
  destination: (name) => {
    const rule = rules.find(({ to }) => to === name);
    return rule && { peer: { host: rule.host, port: rule.port, callingAeTitle: AE_TITLE, calledAeTitle: name } };
  },
  source: ({ destination, sopInstance }) => pathOf(destination, sopInstance),
  onOutcome: ({ destination, instance, result, reason = '' }) => {
    console.log(`${result} ${instance?.sopInstance ?? ''} to ${destination} ${reason}`.trim());
    if (result === 'sent' && instance) rmSync(pathOf(destination, instance.sopInstance), { force: true });
  },
});
for (const { to } of rules) {
  mkdirSync(join(spool, to), { recursive: true });
  // Those that an earlier run has answered for.
  for (const file of readdirSync(join(spool, to))) await forward(to, basename(file, '.dcm'));
}

const scp = createScp({
  aeTitle: AE_TITLE,
  maximumAssociations: 20,
  services: [
    serve(verification, { echo: () => Status.Success }),
    serve(storage, {
      async store({ sopClass, sopInstance, transferSyntax, data }, { callingAeTitle }) {
        if (!isUid(sopInstance)) return Status.InvalidSopInstance;
        const writer = new FileWriter(join(spool, `${crypto.randomUUID()}.part`));
        try {
          const wanted = { wanted: [STUDY_INSTANCE_UID], extracted: [MODALITY] };
          const { extract } = await writeInstance(writer, { sopClass, sopInstance, transferSyntax }, data, wanted);
          await writer.finish({ fsync: true });
          const { Modality: modality } = decodeExtract(extract, transferSyntax);
          const matching = rules.filter(
            (rule) =>
              (rule.callingAeTitle ?? callingAeTitle) === callingAeTitle && (rule.modality ?? modality) === modality,
          );
          // Success would promise that somebody gets it.
          if (matching.length === 0)
            throw new DimseError(Status.CannotUnderstand, { errorComment: 'a rule for this instance does not exist' });
          for (const { to } of matching) {
            if (!existsSync(pathOf(to, sopInstance))) linkSync(writer.path, pathOf(to, sopInstance));
            await forward(to, sopInstance);
          }
          return Status.Success;
        } finally {
          // The links remain.
          await writer.discard();
        }
      },
    }),
  ],
});
const { port } = await scp.listen({ host: HOST, port: Number(PORT) });
console.log(`listening on ${HOST}:${port} as ${AE_TITLE} with ${rules.length} rules`);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, async () => {
    await scp.close({ drain: 10_000 });
    await forwarding.close();
  });

function forward(destination: string, sopInstance: string): Promise<void> {
  return forwarding.forward({ destination, study: '', series: '', sopInstance });
}
