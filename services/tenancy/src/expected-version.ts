import { ConflictError } from '@vedette/service-kit';

/** @throws {ConflictError} somebody else has changed it since the caller read it */
export function checkVersion(
  { version }: { readonly version: number },
  expectedVersion: number,
): void {
  if (version === expectedVersion) return;
  throw new ConflictError('It was changed in between: load it again.', {
    details: { expectedVersion, version },
  });
}
