/** Makes a package's package.json: its dependencies are what its files import, in the versions that this repository uses. */
import { OLDEST_NODE } from '../../cli/node-version.ts';
import { packagesIn } from './imports.ts';
import type { PackagePlan } from './packages.ts';

/** The parts that are read of this repository's package.json. */
export interface RootManifest {
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

/** A module or declaration of a package. */
export interface PackedFile {
  /** Relative to the package's root. */
  readonly path: string;
  readonly text: string;
}

/**
 * @param files all modules of the package and the declarations that it ships
 * @throws Error naming a file that imports a package that this repository does not depend on
 */
export function createManifest(
  plan: PackagePlan,
  root: RootManifest,
  files: readonly PackedFile[],
): Record<string, unknown> {
  const imported = findDependencies(plan, root, files);
  const versions = (names: string[], table: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      names.sort().map((name) => [name, plan.exact.includes(name) ? table[name] : `^${table[name]}`]),
    );
  const optional = new Set(plan.optional);
  const isBundledOptional = (name: string): boolean => Object.hasOwn(root.optionalDependencies, name);
  const required = [...imported].filter((name) => !optional.has(name));
  return {
    name: plan.name,
    version: root.version,
    description: plan.description,
    license: root.license,
    type: 'module',
    engines: { node: `>=${OLDEST_NODE}` },
    exports: { ...exportsOf(plan), './package.json': './package.json' },
    ...(Object.keys(plan.programs).length > 0 && { bin: endingIn('.js', plan.programs, '') }),
    files: [...new Set([...plan.sources, ...plan.files].map((file) => file.split('/')[0]))],
    sideEffects: false,
    dependencies: versions(
      required.filter((name) => !isBundledOptional(name)),
      root.dependencies,
    ),
    optionalDependencies: versions(required.filter(isBundledOptional), root.optionalDependencies),
    peerDependencies: {
      ...Object.fromEntries(plan.peers.map((name) => [name, `^${root.version}`])),
      ...versions([...plan.optional], root.dependencies),
    },
    peerDependenciesMeta: Object.fromEntries(plan.optional.map((name) => [name, { optional: true }])),
  };
}

function exportsOf({ entries }: PackagePlan): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(entries).map(([name, module]) => [
      name,
      { types: `./${module}.d.ts`, default: `./${module}.js` },
    ]),
  );
}

function endingIn(ending: string, modules: Readonly<Record<string, string>>, prefix: string) {
  return Object.fromEntries(
    Object.entries(modules).map(([name, module]) => [name, `${prefix}${module}${ending}`]),
  );
}

function findDependencies(
  plan: PackagePlan,
  root: RootManifest,
  files: readonly PackedFile[],
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { path, text } of files) {
    for (const name of packagesIn(text)) {
      if (name === plan.name || plan.peers.includes(name)) continue;
      if (!Object.hasOwn({ ...root.dependencies, ...root.optionalDependencies }, name)) {
        throw new Error(`${plan.name}: ${path} imports ${name}, which is no dependency of this repository`);
      }
      found.add(name);
    }
  }
  return found;
}
