import { addToOutbox } from '@vedette/event-bus';
import { findProviderNow } from '@vedette/service-kit';
import type { Transaction } from '@vedette/service-kit';
import { addFindings } from '../asset/assessment-store.ts';
import type { KnownFacts } from '../asset/known-facts.ts';
import { identityDiscovered } from '../events.ts';
import type { NewTelemetryRow } from '../telemetry/telemetry-store.ts';
import { readIdentityFacts } from './identity-facts.ts';
import type { IdentityLink } from './identity-facts.ts';
import { addIdentityLinks } from './identity-link-store.ts';
import { addIdentitySightings } from './identity-store.ts';
import { riskRule } from './risk-rules.ts';

/**
 * Notes the accounts that a batch names, inside the transaction that stores it. One that was not known becomes known,
 * once, with its event; what follows from links and findings is decided by settling. Safe to repeat.
 */
export async function noteIdentities(
  tx: Transaction,
  tenant: { readonly customerId: string; readonly providerId: string },
  rows: readonly NewTelemetryRow[],
  known: KnownFacts,
): Promise<void> {
  const { customerId } = tenant;
  const facts = readIdentityFacts(customerId, rows);
  const discovered = await addIdentitySightings(tx, customerId, facts.sightings);
  if (discovered.length > 0) {
    const providerId = await findProviderNow(tx, tenant);
    const now = new Date();
    await addToOutbox(
      tx,
      discovered.map((identity) => identityDiscovered(identity, providerId, now)),
    );
  }
  const selves = discovered.map(({ identityId }): IdentityLink => ({
    identityId,
    kind: 'SELF',
    linkedId: identityId,
  }));
  const linkFact = ({ identityId, kind, linkedId }: IdentityLink): string =>
    `${customerId} ${identityId} ${kind} ${linkedId}`;
  const links = [...selves, ...facts.links].filter((link) => !known.has(linkFact(link)));
  for (const link of await addIdentityLinks(tx, customerId, links)) known.add(linkFact(link));

  const findingFact = (subjectId: string, ruleId: string): string =>
    `${customerId} ${subjectId} ${ruleId}`;
  const findings = facts.findings.filter(
    ({ subjectId, ruleId }) => !known.has(findingFact(subjectId, ruleId)),
  );
  for (const { subjectId, ruleId } of await addFindings(tx, customerId, findings, riskRule)) {
    known.add(findingFact(subjectId, ruleId));
  }
}
