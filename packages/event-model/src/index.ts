export type { Fields, FieldValue, NormalisedEvent } from './event.ts';
export { assetId, telemetryEventId } from './event-ids.ts';
export type { TelemetryEventIdentity } from './event-ids.ts';
export { uuidV5 } from './uuid-v5.ts';
export { eventAccessor } from './event-accessor.ts';
export type { EventAccessor } from './event-accessor.ts';
export { activityName, findOcsfClass, ocsfClasses, ocsfVersion } from './ocsf-classes.ts';
export type { OcsfClass } from './ocsf-classes.ts';
export {
  fieldCatalogue,
  findField,
  findFieldByName,
  kindOf,
  ocsfNameOf,
} from './field-catalogue.ts';
export type { EventKind } from './field-catalogue.ts';
export { fieldNamesOf } from './field-names.ts';
export { cutMark, isHotName, searchTextOf } from './hot-fields.ts';
export type { FieldEntry, FieldType } from './catalogue/field-entry.ts';
export { parseTime } from './field-values.ts';
export type { JsonValue } from './field-values.ts';
export { toEcs, toNative, toOcsf, toSigma } from './projections.ts';
