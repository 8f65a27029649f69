import { hash } from 'node:crypto';

/** What a program's file tells of itself, as Sysmon reads it. */
export interface Program {
  /** Where it lies; `{profile}` stands for the folder of whoever starts it. */
  readonly image: string;
  readonly fileVersion: string;
  readonly description: string;
  readonly product: string;
  readonly company: string;
  readonly originalFileName: string;
  readonly hashes: string;
}

type Details = Partial<Omit<Program, 'image' | 'hashes'>>;

/** A program that ships with Windows, by its place below the Windows folder. */
export function windowsProgram(path: string, description: string, original?: string): Program {
  return program(`C:\\Windows\\${path}`, {
    description,
    product: 'Microsoft® Windows® Operating System',
    company: 'Microsoft Corporation',
    fileVersion: '10.0.22621.3672 (WinBuild.160101.0800)',
    ...(original !== undefined && { originalFileName: original }),
  });
}

/** Any program; the file name stands in for what its maker left out, else `-` does as in Sysmon. */
export function program(image: string, details: Details = {}): Program {
  const file = image.slice(image.lastIndexOf('\\') + 1);
  const {
    fileVersion = '-',
    description = '-',
    product = '-',
    company = '-',
    originalFileName = company === '-' ? '-' : file,
  } = details;
  const hashes = inventHashes(`${image}|${fileVersion}`);
  return { image, fileVersion, description, product, company, originalFileName, hashes };
}

/** Always the same for the same file, and of nothing that exists. */
function inventHashes(text: string): string {
  const sha256 = hash('sha256', text, 'hex').toUpperCase();
  const md5 = hash('md5', text, 'hex').toUpperCase();
  const imports = hash('md5', `imports of ${text}`, 'hex').toUpperCase();
  return `MD5=${md5},SHA256=${sha256},IMPHASH=${imports}`;
}
