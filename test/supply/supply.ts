import { satisfies, validRange } from 'semver';
import { z } from 'zod';

// Run as it is by Node (run.mjs), so this file imports packages only and writes no syntax that has to be compiled.

const dependenciesSchema = z.record(z.string(), z.string()).default({});

/** What of package.json is checked. */
const manifestSchema = z.object({
  dependencies: dependenciesSchema,
  devDependencies: dependenciesSchema,
  optionalDependencies: dependenciesSchema,
  allowScripts: z.record(z.string(), z.boolean()).default({}),
});

/** A package as package-lock.json (version 3) has it: https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json */
const lockedSchema = z.object({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  link: z.boolean().optional(),
  dev: z.boolean().optional(),
  devOptional: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
  dependencies: dependenciesSchema,
  devDependencies: dependenciesSchema,
  optionalDependencies: dependenciesSchema,
});

const lockSchema = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), lockedSchema) });

const advisorySchema = z.strictObject({
  package: z.string().min(1),
  /** GitHub's id, or owner/repository#number where there is only an issue. */
  id: z.string().regex(/^(GHSA(-[23456789cfghjmpqrvwx]{4}){3}|[\w.-]+\/[\w.-]+#\d+)$/),
  cve: z.string().regex(/^CVE-\d{4}-\d{4,}$/).optional(),
  severity: z.enum(['none', 'low', 'moderate', 'high', 'critical']),
  affected: z.string().refine((range) => validRange(range) !== null, 'not a range of versions'),
  isReached: z.boolean(),
  /** avoided: what is installed is outside the range. accepted: it is inside, and `reason` says why that may be. */
  action: z.enum(['avoided', 'accepted']),
  reason: z.string().min(10),
  reviewed: z.iso.date(),
});

const reviewSchema = z.strictObject({ about: z.string(), advisories: z.array(advisorySchema) });

const sbomSchema = z.object({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(z.object({ group: z.string().optional(), name: z.string(), version: z.string().optional() })),
});

/** The files that say what is installed, and what was decided about it: JSON as it was read, the others as text. */
export interface SupplyFiles {
  readonly manifest: unknown;
  readonly lock: unknown;
  readonly review: unknown;
  readonly contributing: string;
  readonly npmrc: string;
}

type Manifest = z.infer<typeof manifestSchema>;
type Lock = z.infer<typeof lockSchema>;
type Advisory = z.infer<typeof advisorySchema>;

interface Installed {
  readonly name: string;
  readonly path: string;
  readonly locked: z.infer<typeof lockedSchema>;
}

/** One sentence for each thing that is wrong; none when all is well. Throws ZodError on files of another shape. */
export function findProblems(files: SupplyFiles): readonly string[] {
  const manifest = manifestSchema.parse(files.manifest);
  const lock = lockSchema.parse(files.lock);
  const installed = installedOf(lock);
  return [
    ...reviewSchema.parse(files.review).advisories.flatMap((advisory) => advisoryProblems(advisory, installed)),
    ...installed.flatMap(sourceProblems),
    ...agreementProblems(manifest, lock),
    ...reasonProblems(manifest, files.contributing),
    ...scriptProblems(manifest, installed, files.npmrc),
  ];
}

/** The production packages of the lock that a CycloneDX bill of materials does not name. Throws ZodError where it is none. */
export function missingFromSbom(lock: unknown, sbom: unknown): readonly string[] {
  const components = sbomSchema.parse(sbom).components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version ?? ''}`);
  const named = new Set(components);
  return installedOf(lockSchema.parse(lock))
    .filter(({ locked }) => locked.dev !== true && locked.devOptional !== true)
    .map(({ name, locked }) => `${name}@${locked.version ?? ''}`)
    .filter((component) => !named.has(component));
}

function installedOf(lock: Lock): readonly Installed[] {
  return Object.entries(lock.packages)
    .filter(([path]) => path !== '')
    .map(([path, locked]) => ({ name: path.replace(/^.*node_modules\//, ''), path, locked }));
}

function advisoryProblems(advisory: Advisory, installed: readonly Installed[]): readonly string[] {
  const { id, affected, action, severity } = advisory;
  const hit = installed.filter(({ name, locked }) => name === advisory.package && isAffected(locked.version, affected));
  if (action === 'avoided') {
    return hit.map(({ path, locked }) => `${path} ${locked.version ?? ''} is affected by ${id} (${severity}, ${affected}): update or override it, or accept it with a reason.`);
  }
  return hit.length > 0 ? [] : [`${id} is accepted, but no installed ${advisory.package} is affected any more: say "avoided".`];
}

const isAffected = (version: string | undefined, range: string): boolean =>
  version !== undefined && satisfies(version, range, { includePrerelease: true });

function sourceProblems({ path, locked }: Installed): readonly string[] {
  const problems: string[] = [];
  if (locked.resolved !== undefined) problems.push(`${path} has a resolved address: the lock should not name a registry (.npmrc: omit-lockfile-registry-resolved).`);
  if (locked.link === true || !/^\d+\.\d+\.\d+/.test(locked.version ?? '')) problems.push(`${path} does not come from the registry: ${locked.version ?? 'a link'}.`);
  if (!/^sha512-/.test(locked.integrity ?? '')) problems.push(`${path} has no sha512 integrity.`);
  const wanted = { ...locked.dependencies, ...locked.optionalDependencies };
  for (const [name, range] of Object.entries(wanted)) {
    if (/[:/]/.test(range) && !range.startsWith('npm:')) problems.push(`${path} wants ${name} from outside of the registry: ${range}.`);
  }
  return problems;
}

const DEPENDENCY_KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

/** npm ci refuses where the two disagree; this says so before anybody tries. */
function agreementProblems(manifest: Manifest, lock: Lock): readonly string[] {
  const root = lock.packages[''];
  if (!root) return ['The lock does not describe the project itself.'];
  return DEPENDENCY_KINDS.flatMap((kind) => {
    const names = new Set([...Object.keys(manifest[kind]), ...Object.keys(root[kind])]);
    return [...names].flatMap((name) => {
      const wanted = manifest[kind][name];
      if (wanted !== root[kind][name]) return [`${name}: package.json says ${wanted ?? 'nothing'}, the lock says ${root[kind][name] ?? 'nothing'} (${kind}).`];
      const version = lock.packages[`node_modules/${name}`]?.version;
      return version !== undefined && satisfies(version, wanted ?? '') ? [] : [`${name}: package.json wants ${wanted ?? ''}, the lock installs ${version ?? 'nothing'}.`];
    });
  });
}

const REASONS_HEADING = '## Why each dependency is here';

/** Every dependency has a row in CONTRIBUTING's table; `@swc/*` there means all of a scope. */
function reasonProblems(manifest: Manifest, contributing: string): readonly string[] {
  const table = contributing.split(REASONS_HEADING)[1] ?? '';
  const cells = table.split('\n').filter((line) => line.startsWith('|')).map((line) => line.split('|')[1] ?? '');
  const reasons = new Set(cells.flatMap((cell) => cell.replace('(dev)', '').split(',').map((name) => name.trim())));
  return DEPENDENCY_KINDS.flatMap((kind) => Object.keys(manifest[kind]))
    .filter((name) => !reasons.has(name) && !reasons.has(name.replace(/\/.*$/, '/*')))
    .map((name) => `${name}: CONTRIBUTING.md does not say why it is here.`);
}

/** With ignore-scripts nothing runs; each script is listed all the same, so that a new one is looked at. */
function scriptProblems({ allowScripts }: Manifest, installed: readonly Installed[], npmrc: string): readonly string[] {
  const isOff = /^ignore-scripts\s*=\s*true\s*$/m.test(npmrc);
  const scripted = new Set(installed.filter(({ locked }) => locked.hasInstallScript === true).map(({ name }) => name));
  return [
    ...(isOff ? [] : ['.npmrc does not say ignore-scripts=true.']),
    ...[...scripted].filter((name) => allowScripts[name] === undefined).map((name) => `${name} has an install script that allowScripts in package.json does not name.`),
    ...Object.keys(allowScripts).filter((name) => !scripted.has(name)).map((name) => `allowScripts names ${name}, which has no install script.`),
  ];
}
