import { createSecretBox, IllegalStateError } from '@vedette/service-kit';
import type { JsonRecord } from '../connectors/connector-definition.ts';

/** Seals what connectors sign in with, each bound to its connector. */
export interface CredentialSafe {
  /** @throws {IllegalStateError} this installation has no key to seal with */
  seal(connectorId: string, credentials: JsonRecord): string;
  /**
   * @throws {IllegalStateError} this installation has no key
   * @throws {Error} another connector's, an unknown key, or changed text
   */
  open(connectorId: string, sealed: string): JsonRecord;
}

/** @param keyFile path of the key ring; without one the process runs, and takes no credentials */
export function createCredentialSafe(keyFile: string | undefined): CredentialSafe {
  const box = keyFile === undefined ? null : createSecretBox(keyFile);
  const boxFor = (attempted: string) => {
    if (box) return box;
    throw new IllegalStateError(
      'This installation cannot keep credentials: ingestion was started without SECRETS_KEY_FILE.',
      { state: 'WITHOUT_KEY', attempted },
    );
  };
  const contextOf = (connectorId: string): string => `connector:${connectorId}`;
  return {
    seal: (connectorId, credentials) =>
      boxFor('SEAL').seal(JSON.stringify(credentials), contextOf(connectorId)),
    open: (connectorId, sealed) =>
      JSON.parse(boxFor('OPEN').open(sealed, contextOf(connectorId))) as JsonRecord,
  };
}
