import { program, windowsProgram } from '../activity/background/program.ts';

/** Where the agent of the remote-management product keeps what it is about to run. */
export const workFolder = 'C:\\ProgramData\\RemoteCare\\Work';

const signedElsewhere = {
  ...{ company: 'Frachtwerk Trucking SARL', fileVersion: '1.0.0.0' },
  ...{ description: 'RemoteCare hotfix', product: 'RemoteCare', originalFileName: '-' },
};

/** What the ransomware attack brings along. All names are invented, but for those of Microsoft's files. */
export const ransomware = {
  /** A copy of certutil under another name still tells its own in its version resource. */
  decoder: windowsProgram('rcert.exe', 'CertUtil.exe', 'CertUtil.exe'),
  /** Its signature is valid: the certificate was stolen from a haulage company. */
  payload: program(`${workFolder}\\hotfix.exe`, signedElsewhere),
  /** An engine of 2014, signed by its maker, that looks for its library beside itself first. */
  oldEngine: program('C:\\Windows\\MsMpEng.exe', {
    description: 'Antimalware Service Executable',
    product: 'Microsoft Malware Protection',
    company: 'Microsoft Corporation',
    fileVersion: '4.5.0218.0',
    originalFileName: 'MsMpEng.exe',
  }),
  /** The encryption, under the name of the library that the engine looks for. */
  library: program('C:\\Windows\\mpsvc.dll'),
  bcdedit: windowsProgram('System32\\bcdedit.exe', 'Boot Configuration Data Editor', 'bcdedit.exe'),
} as const;

/** What the quiet theft brings along. */
export const theft = {
  /** Where it keeps its things: the name of a printer tool, in a folder that every user may write to. */
  folder: 'C:\\ProgramData\\PrintCare',
  reader: program('C:\\ProgramData\\PrintCare\\pcspool.exe'),
  /** Copied over the administrative share and started as a service, as remote execution tools do. */
  remoteService: program('C:\\Windows\\kqvtzmxw.exe'),
  /** A packer under another name. */
  packer: program('C:\\ProgramData\\PrintCare\\pcview.exe', {
    description: '7-Zip Standalone Console',
    product: '7-Zip',
    company: 'Igor Pavlov',
    fileVersion: '24.08',
    originalFileName: '7za.exe',
  }),
  ntdsutil: windowsProgram('System32\\ntdsutil.exe', 'NT5DS', 'ntdsutil.exe'),
} as const;
