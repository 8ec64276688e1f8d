// The public surface of every package is a reviewed file: packages/NAME/etc/NAME.api.md. `--update` rewrites it.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { compareGenerated } from './harness/generated.mjs';
import { publishedPackages } from './harness/packages.mjs';

export const needsBuild = true;

const none = { logLevel: 'none', addToApiReportFile: false };

/** As a consumer's compiler sees the declarations: Node resolution, no `@engine/source`. */
const compilerOptions = {
  target: 'ES2022',
  lib: ['ES2023'],
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  strict: true,
  skipLibCheck: true,
  types: ['node'],
};

export function reportOf({ Extractor, ExtractorConfig }, { name, path }, folder) {
  const short = basename(path);
  const extractorConfig = ExtractorConfig.prepare({
    packageJsonFullPath: join(path, 'package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: path,
      mainEntryPointFilePath: join(path, 'dist/index.d.ts'),
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { compilerOptions, files: [join(path, 'dist/index.d.ts')] } },
      apiReport: {
        enabled: true,
        reportFileName: `${short}.api.md`,
        reportFolder: folder,
        reportTempFolder: folder,
        includeForgottenExports: false,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error', addToApiReportFile: false } },
        extractorMessageReporting: {
          default: none,
          'ae-forgotten-export': { logLevel: 'none', addToApiReportFile: true },
        },
        tsdocMessageReporting: { default: none },
      },
    },
  });
  const errors = [];
  const messageCallback = (message) => {
    if (message.logLevel === 'error') errors.push(`${name}: ${message.text}`);
    message.handled = true;
  };
  try {
    Extractor.invoke(extractorConfig, { localBuild: true, messageCallback });
  } catch (error) {
    return { errors: [...errors, `${name}: ${error.message}`], report: '' };
  }
  return { errors, report: readFileSync(join(folder, `${short}.api.md`), 'utf8') };
}

export async function check({ update }) {
  const extractor = (await import('@microsoft/api-extractor')).default;
  const folder = mkdtempSync(join(tmpdir(), 'api-'));
  try {
    return publishedPackages()
      .filter(({ path }) => existsSync(join(path, 'dist/index.d.ts')))
      .flatMap((member) => {
        const into = join(folder, basename(member.path));
        mkdirSync(into);
        const { errors, report } = reportOf(extractor, member, into);
        if (errors.length > 0) return errors;
        return compareGenerated(join(member.path, 'etc', `${basename(member.path)}.api.md`), report, update);
      });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
