export { authorize, hasPermission, mayApprove } from './authorize.ts';
export {
  ConfigError,
  portSetting,
  readEnvironment,
  readJsonFile,
  serviceSettings,
} from './config.ts';
export type { Environment, ServiceSettings } from './config.ts';
export {
  CreateCustomerCopy,
  findCustomer,
  findProviderNow,
  keepCustomer,
} from './customer-copy.ts';
export type { CustomerCopy } from './customer-copy.ts';
export { allowPurge, deleteCustomerRows, forbidPurge } from './customer-data.ts';
export type { CustomerTable } from './customer-data.ts';
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
  PlanRequiredError,
  toError,
  UnauthenticatedError,
  UnavailableError,
} from './errors.ts';
export type { ErrorCode, FieldProblem } from './errors.ts';
export { exportCustomer, exportsDirSetting, removeExports } from './export-store.ts';
export type { ExportFile, ExportPlace } from './export-store.ts';
export { createErrorFormatter } from './graphql-errors.ts';
export { createHealth } from './health.ts';
export type { Health, Readiness, ReadinessCheck } from './health.ts';
export { createHttpServer } from './http-server.ts';
export type { HttpServer, HttpServerOptions } from './http-server.ts';
export {
  createIdentitySigner,
  createIdentityVerifier,
  identityHeader,
  maxCustomersOfViewer,
} from './identity.ts';
export type { IdentityKeys } from './identity.ts';
export { isUuid, newId, parseId } from './ids.ts';
export { startJobs } from './jobs.ts';
export type { JobsOptions } from './jobs.ts';
export { createLogger } from './logger.ts';
export type { Logger } from './logger.ts';
export {
  createMachineKey,
  digestMachineKey,
  isMachineKey,
  parseMachineKey,
} from './machine-key.ts';
export type { MachineKey, MachineKeyKind } from './machine-key.ts';
export {
  migrate,
  operatorId,
  protectByCustomer,
  protectByOwner,
  protectByProvider,
} from './migrate.ts';
export type { MigrateOptions, MigrationClass } from './migrate.ts';
export type { OperationContext } from './operation-context.ts';
export { createOutbound } from './outbound.ts';
export type { Outbound, OutboundOptions, OutboundRequest, OutboundResponse } from './outbound.ts';
export { maxFirst, toConnection, toPage } from './pagination.ts';
export type { Connection, Page, PageArguments, Position, PositionShape } from './pagination.ts';
export { isPermission, isReading, permissions, roles } from './permissions.ts';
export type { Permission, Role } from './permissions.ts';
export { hasFeature, planFeatures } from './plan.ts';
export type { Plan, PlanFeature } from './plan.ts';
export { provisionService } from './provision.ts';
export type { ProvisionOptions } from './provision.ts';
export { isPublicAddress } from './public-address.ts';
export { runProcess } from './run-process.ts';
export type { ProcessOptions, ServiceDependencies } from './run-process.ts';
export { dateTimeScalar, jsonScalar } from './scalars.ts';
export { restrictToScope } from './scoped-query.ts';
export { createSecretBox, openWithKey, sealWithKey } from './secrets.ts';
export type { SecretBox } from './secrets.ts';
export { createShutdown } from './shutdown.ts';
export type { Shutdown, ShutdownPhase } from './shutdown.ts';
export { addSubgraph, maxEntities } from './subgraph-server.ts';
export type { SubgraphOptions } from './subgraph-server.ts';
export { activeTraceId, startTelemetry, traceHeaders, withSpan } from './telemetry.ts';
export { narrowScope, reachesCustomer, scopeOf, systemViewer } from './viewer.ts';
export type { TenantScope, Viewer } from './viewer.ts';
