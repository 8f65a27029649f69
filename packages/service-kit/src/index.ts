export { authorize, hasPermission, permissions } from './authorize.ts';
export type { Permission } from './authorize.ts';
export {
  ConfigError,
  portSetting,
  readEnvironment,
  readJsonFile,
  serviceSettings,
} from './config.ts';
export type { Environment, ServiceSettings } from './config.ts';
export { CreateCustomerCopy, findCustomer, keepCustomer } from './customer-copy.ts';
export type { CustomerCopy } from './customer-copy.ts';
export { connectDatabase, joinTransaction } from './database.ts';
export type {
  Database,
  DatabaseConnection,
  DatabaseOptions,
  LockSession,
  Transaction,
} from './database.ts';
export {
  AppError,
  ConflictError,
  ForbiddenError,
  IllegalStateError,
  InvalidInputError,
  NotFoundError,
  toError,
  UnauthenticatedError,
  UnavailableError,
} from './errors.ts';
export type { ErrorCode, FieldProblem } from './errors.ts';
export { createErrorFormatter } from './graphql-errors.ts';
export { createHealth } from './health.ts';
export type { Health, Readiness, ReadinessCheck } from './health.ts';
export { createHttpServer } from './http-server.ts';
export type { HttpServer, HttpServerOptions } from './http-server.ts';
export { createIdentitySigner, createIdentityVerifier, identityHeader } from './identity.ts';
export type { IdentityKeys } from './identity.ts';
export { isUuid, newId, parseId } from './ids.ts';
export { startJobs } from './jobs.ts';
export type { JobsOptions } from './jobs.ts';
export { createLogger } from './logger.ts';
export type { Logger } from './logger.ts';
export { migrate, protectByCustomer, protectByProvider } from './migrate.ts';
export type { MigrateOptions, MigrationClass } from './migrate.ts';
export type { OperationContext } from './operation-context.ts';
export { createOutbound } from './outbound.ts';
export type { Outbound, OutboundOptions, OutboundRequest, OutboundResponse } from './outbound.ts';
export { maxFirst, toConnection, toPage } from './pagination.ts';
export type { Connection, Page, PageArguments, Position, PositionShape } from './pagination.ts';
export { provisionService } from './provision.ts';
export type { ProvisionOptions } from './provision.ts';
export { runProcess } from './run-process.ts';
export type { ProcessOptions, ServiceDependencies } from './run-process.ts';
export { dateTimeScalar, jsonScalar } from './scalars.ts';
export { restrictToScope } from './scoped-query.ts';
export { createSecretBox } from './secrets.ts';
export type { SecretBox } from './secrets.ts';
export { createShutdown } from './shutdown.ts';
export type { Shutdown, ShutdownPhase } from './shutdown.ts';
export { addSubgraph } from './subgraph-server.ts';
export type { SubgraphOptions } from './subgraph-server.ts';
export { activeTraceId, startTelemetry, traceHeaders, withSpan } from './telemetry.ts';
export { narrowScope, reachesCustomer, scopeOf, systemViewer } from './viewer.ts';
export type { Role, TenantScope, Viewer } from './viewer.ts';
