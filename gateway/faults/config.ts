import process from 'node:process';

/** How long faults happen under load: short in `npm test`, long where `npm run test:faults` says so. */
export function faultSeconds(): number {
  return Number(process.env['VEDETTE_FAULT_SECONDS'] ?? 40);
}
