// A door of its own, because the local stack runs these servers outside of jest.
export {
  startPostgres,
  stopLeftoverPostgres,
  type PostgresOptions,
  type PostgresServer,
} from './postgres-server.ts';
export {
  startNats,
  stopLeftoverNats,
  toNatsOptions,
  toUserUrl,
  type NatsAccount,
  type NatsOptions,
  type NatsServer,
} from './nats-server.ts';
export {
  assertPortIsFree,
  findCommandLine,
  findFreePort,
  isRunning,
  sendSignal,
  stopProcess,
  type OnProgress,
} from './server-process.ts';
export {
  createCertificateAuthority,
  type CertificateAuthority,
  type IssuedCertificate,
} from './certificate-authority.ts';
export { findRsyslog, type RsyslogProgram } from './rsyslog-program.ts';
