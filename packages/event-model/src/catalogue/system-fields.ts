import { defineFields } from './field-entry.ts';

const resourceFields = defineFields(
  [201003],
  [],
  [
    ['ObjectName', 'win_resource.name', null],
    ['ObjectType', 'win_resource.type', null],
    ['ObjectServer', 'win_resource.svc_name', null],
    ['PipeName', 'win_resource.name', 'file.name'],
    ['Name', 'win_resource.name', null],
    ['AccessMask', 'access_mask', null, 'integer'],
  ],
);

const fileFields = defineFields(
  [1001],
  [],
  [
    ['TargetFilename', 'file', 'file.path', 'path'],
    ['ObjectName', 'file', 'file.path', 'path'],
    ['CreationUtcTime', 'file.created_time', 'file.created', 'time'],
    ['Hashes', 'file.hashes', 'file.hash', 'hashes'],
    ['Hash', 'file.hashes', 'file.hash', 'hashes'],
    ['AccessMask', 'access_mask', null, 'integer'],
  ],
);

const moduleFields = defineFields(
  [1005],
  [],
  [
    ['ImageLoaded', 'module.file', 'dll.path', 'path'],
    ['OriginalFileName', 'module.file.internal_name', 'dll.pe.original_file_name'],
    ['Company', 'module.file.company_name', 'dll.pe.company'],
    ['Description', 'module.file.desc', 'dll.pe.description'],
    ['Product', 'module.file.product.name', 'dll.pe.product'],
    ['FileVersion', 'module.file.version', 'dll.pe.file_version'],
    ['Hashes', 'module.file.hashes', 'dll.hash', 'hashes'],
    ['Signed', null, 'dll.code_signature.exists', 'boolean'],
    ['Signature', 'module.file.signature.certificate.subject', 'dll.code_signature.subject_name'],
    ['SignatureStatus', 'module.file.signature.state', 'dll.code_signature.status'],
  ],
);

const driverFields = defineFields(
  [1002],
  [],
  [
    ['ImageLoaded', 'driver.file', 'dll.path', 'path'],
    ['Hashes', 'driver.file.hashes', 'dll.hash', 'hashes'],
    ['Signed', null, 'dll.code_signature.exists', 'boolean'],
    ['Signature', 'driver.file.signature.certificate.subject', 'dll.code_signature.subject_name'],
    ['SignatureStatus', 'driver.file.signature.state', 'dll.code_signature.status'],
  ],
);

const registryFields = [
  ...defineFields(
    [201001],
    [],
    [
      ['TargetObject', 'reg_key.path', 'registry.path'],
      ['ObjectName', 'reg_key.path', 'registry.path'],
    ],
  ),
  ...defineFields(
    [201002],
    [],
    [
      ['TargetObject', 'reg_value', 'registry.path', 'registryValue'],
      ['Details', 'reg_value.data', 'registry.data.strings.0'],
      ['ObjectName', 'reg_value.path', 'registry.key'],
      ['ObjectValueName', 'reg_value.name', 'registry.value'],
      ['NewValue', 'reg_value.data', 'registry.data.strings.0'],
    ],
  ),
];

const scriptFields = defineFields(
  [1009],
  [],
  [
    ['ScriptBlockText', 'script.script_content.value', 'powershell.file.script_block_text'],
    ['ScriptBlockId', 'script.uid', 'powershell.file.script_block_id'],
    ['Path', 'script.file', 'file.path', 'path'],
    ['FilePath', 'script.file', 'file.path', 'path'],
    ['Payload', 'script.script_content.value', 'powershell.command.value'],
    ['MessageNumber', null, 'powershell.sequence', 'integer'],
    ['MessageTotal', null, 'powershell.total', 'integer'],
  ],
);

const jobFields = defineFields(
  [1006],
  [],
  [
    ['TaskName', 'job.name', null],
    ['UserContext', 'job.user', null, 'account'],
    ['Path', 'job.cmd_line', null],
  ],
);

const serviceFields = [
  ...defineFields(
    [201004],
    [],
    [
      ['ServiceName', 'win_service.name', 'service.name'],
      ['ImagePath', 'win_service.cmd_line', 'process.command_line'],
      ['ServiceFileName', 'win_service.cmd_line', 'process.command_line'],
      ['ServiceType', 'win_service.service_type', 'service.type'],
      ['StartType', 'win_service.service_start_type', null],
      ['ServiceStartType', 'win_service.service_start_type', null],
      ['AccountName', 'win_service.service_start_name', null],
      ['ServiceAccount', 'win_service.service_start_name', null],
    ],
  ),
  ...defineFields(
    [201004],
    [7000, 7009, 7023, 7036, 7040],
    [['param1', 'win_service.name', 'service.name']],
  ),
];

const findingFields = defineFields(
  [2004],
  [],
  [
    ['DetectionID', 'finding_info.uid', 'event.id'],
    ['ThreatName', 'finding_info.title', 'rule.name'],
    ['ThreatID', 'finding_info.analytic.uid', 'rule.id'],
    ['CategoryName', 'malware.0.classifications.0', 'rule.category'],
    ['Path', 'malware.0.path', 'file.path'],
    ['Threatresourcepath', 'malware.0.path', 'file.path'],
    ['Hashes', 'malware.0.files.0.hashes', 'file.hash', 'hashes'],
    ['ProcessName', 'evidences.0.process.file', 'process.executable', 'path'],
    ['DetectionUser', 'evidences.0.user', 'user', 'account'],
    ['ActionName', 'disposition', 'event.action'],
    // Defender's data field `Source Name` (who found it), not NXLog's name for the provider.
    ['SourceName', null, null],
  ],
);

/** Facts about what a host's own objects went through: files, modules, registry, scripts, jobs, services. */
export const systemFields = [
  ...fileFields,
  ...moduleFields,
  ...driverFields,
  ...registryFields,
  ...scriptFields,
  ...jobFields,
  ...serviceFields,
  ...resourceFields,
  ...findingFields,
];
