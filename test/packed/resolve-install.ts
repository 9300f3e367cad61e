import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type PackedPackage, run } from './pack.js';

/** The version of each package, by its name. */
type Versions = Readonly<Record<string, string>>;

/** What package.json says of a package, as far as npm needs it to resolve an installation. */
type Manifest = { readonly name: string; readonly version: string } & Readonly<Record<string, unknown>>;

/** Versions that the package's dependencies accept. */
const DEPENDENCIES: Versions = { cookie: '1.1.1', 'cookie-signature': '1.2.2', 'lru-cache': '11.5.3' };

/**
 * Where npm would install which version, for a workspace of apps that each depend on the package and on more:
 * `{ 'node_modules/express': '5.1.0' }`. Rejects with npm's error if it finds no solution. Nothing is downloaded: npm asks a server of
 * this process, which knows the package's own peers, and all others as packages without dependencies.
 */
export async function resolveInstall(
  folder: string,
  packed: PackedPackage,
  apps: Readonly<Record<string, Versions>>,
): Promise<Versions> {
  const ours: Manifest = JSON.parse(await readFile(join(packed.folder, 'package.json'), 'utf8'));
  await writeManifest(folder, { private: true, workspaces: Object.keys(apps) });
  for (const [name, wanted] of Object.entries(apps)) {
    const dependencies = { [ours.name]: ours.version, ...wanted };
    await writeManifest(join(folder, name), { name, version: '1.0.0', dependencies });
  }
  const others = [DEPENDENCIES, ...Object.values(apps)].flatMap((versions) =>
    Object.entries(versions).map(([name, version]): Manifest => ({ name, version })),
  );
  const server = await serve([ours, ...others]);
  try {
    const options = ['--package-lock-only', '--no-audit', '--no-fund', `--cache=${join(folder, 'cache')}`];
    await run('npm', ['install', ...options, `--registry=${server.url}`], folder);
  } finally {
    server.close();
  }
  const { packages } = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8'));
  return Object.fromEntries(
    Object.entries(packages as Record<string, { version?: string; link?: boolean }>).flatMap(
      ([place, { version, link }]) =>
        version && !link && place.includes('node_modules') ? [[place, version]] : [],
    ),
  );
}

async function writeManifest(folder: string, manifest: object): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
}

/** Responds to npm's question which versions of a package there are. */
async function serve(manifests: readonly Manifest[]) {
  const server = createServer((req, res) => {
    const name = decodeURIComponent(req.url?.slice(1) ?? '');
    const versions = manifests.filter((manifest) => manifest.name === name);
    if (versions.length === 0) res.statusCode = 404;
    res.setHeader('Content-Type', 'application/json');
    res.end(
      JSON.stringify({ name, 'dist-tags': { latest: versions[0]?.version }, versions: byVersion(versions) }),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const byVersion = (versions: readonly Manifest[]) =>
    Object.fromEntries(
      versions.map((manifest) => [
        manifest.version,
        { ...manifest, dist: { tarball: `${url}${manifest.name}.tgz` } },
      ]),
    );
  return {
    url,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
