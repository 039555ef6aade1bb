import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { chromium, type Browser, type LaunchOptions } from 'playwright-core';

const run = promisify(execFile);

/**
 * A headless Chromium, which whoever opens it closes (`await browser.close()`).
 *
 * `PARLEY_BROWSER` names a Chrome or Chromium to use. Without it, Linux on x64 uses the browser inside the npm package
 * @sparticuz/chromium, and other machines the Chrome that is installed. The flags of that package are not used: they
 * switch off the web's security rules and run everything in one process, which is no browser that people have.
 */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({ ...(await installation()), ...options });
}

async function installation(): Promise<LaunchOptions> {
  const named = process.env.PARLEY_BROWSER;
  if (named) return { executablePath: named, args: ['--no-sandbox'] };
  if (process.platform !== 'linux' || process.arch !== 'x64') return { channel: 'chrome' };
  const folder = await unpackedPackage();
  return { executablePath: join(folder, 'chromium'), args: ['--no-sandbox'], env: await environmentFor(folder) };
}

/** The package unpacked to a folder of its own, once for each machine and version. */
async function unpackedPackage(): Promise<string> {
  const packageFile = join(process.cwd(), 'node_modules/@sparticuz/chromium/package.json');
  const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string };
  const folder = join(tmpdir(), `parley-chromium-${version}-${userInfo().username}`);
  if (!existsSync(folder)) await unpack(join(dirname(packageFile), 'build/index.js'), folder);
  return folder;
}

/** Suites run at the same time: each unpacks to a folder of its own, the first to rename it wins. */
async function unpack(entry: string, folder: string): Promise<void> {
  const own = await mkdtemp(`${folder}-`);
  const code = `const { default: chromium } = await import(${JSON.stringify(pathToFileURL(entry).href)}); await chromium.executablePath();`;
  // The package unpacks below the temp folder, and the system libraries (al2023) only where it believes to be on AWS.
  const env = { ...process.env, TMPDIR: own, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' };
  await run(process.execPath, ['--input-type=module', '--eval', code], { env });
  await writeFile(join(own, 'fonts.conf'), fontsConfiguration(folder));
  await rename(own, folder).catch((error: unknown) => {
    if (!existsSync(folder)) throw error;
  });
  await rm(own, { recursive: true, force: true });
}

/** The same text face on every machine: Open Sans of the package, as wide as the Segoe UI that Teams and Web Chat ask for. */
const fontsConfiguration = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
  ${['Segoe UI', 'system-ui', 'sans-serif'].map((family) => `<alias binding="same"><family>${family}</family><prefer><family>Open Sans</family></prefer></alias>`).join('\n  ')}
</fontconfig>
`;

/** libnss3 and libnspr4 come from the package on machines that have none (slim containers). */
async function environmentFor(folder: string): Promise<NodeJS.ProcessEnv> {
  const starts = await run(join(folder, 'chromium'), ['--version']).then(() => true, () => false);
  const libraries = starts ? {} : { LD_LIBRARY_PATH: join(folder, 'al2023/lib') };
  return { ...process.env, FONTCONFIG_FILE: join(folder, 'fonts.conf'), ...libraries };
}
