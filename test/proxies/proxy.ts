import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { freePort } from '../servers/free-port.js';
import { startServerProcess, temporaryFolder, withRetries } from '../servers/server-process.js';

export interface RunningProxy {
  readonly port: number;
  readonly url: string;
}

/** What a configuration may need of this machine. `port` is where it must listen, on 127.0.0.1. */
export interface Place {
  readonly port: number;
  /** A folder of its own, for more files. */
  readonly folder: string;
}

/** The committed self-signed pair of the tests, for `localhost`. */
export const TLS = {
  certificate: fileURLToPath(new URL('../http/tls/localhost-cert.pem', import.meta.url)),
  key: fileURLToPath(new URL('../http/tls/localhost-key.pem', import.meta.url)),
};

/** An nginx with this inside its `http` block, until the test ends. */
export function startNginx(configure: (place: Place) => string): Promise<RunningProxy> {
  return startProxy('nginx', configure, nginxFile, (file, folder) => [
    '-p',
    folder,
    '-c',
    file,
    '-e',
    'stderr',
  ]);
}

/** A haproxy with these sections after `global` and `defaults`, until the test ends. */
export function startHaproxy(configure: (place: Place) => string): Promise<RunningProxy> {
  return startProxy('haproxy', configure, haproxyFile, (file) => ['-db', '-f', file]);
}

/** The pair in one file, as haproxy wants it. */
export function writePairTo(folder: string): string {
  const path = join(folder, 'pair.pem');
  writeFileSync(path, `${readFileSync(TLS.certificate)}${readFileSync(TLS.key)}`, { mode: 0o600 });
  return path;
}

/** One process, so that no worker outlives it; and no change of user, so that the folder serves root and others alike. */
function nginxFile(sections: string, socket: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
master_process off;
error_log stderr;
pid nginx.pid;
lock_file nginx.lock;
events { worker_connections 256; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${name};`).join('\n  ')}
  server { listen unix:${socket}; return 200; }
${sections}
}
`;
}

/** Without `noreuseport` two of them would share a port. */
function haproxyFile(sections: string, socket: string): string {
  return `global
  noreuseport
  nbthread 1
  maxconn 200
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend ready
  bind unix@${socket}
  http-request return status 200
${sections}
`;
}

async function startProxy(
  program: string,
  configure: (place: Place) => string,
  wholeFile: (sections: string, socket: string) => string,
  args: (file: string, folder: string) => string[],
): Promise<RunningProxy> {
  return withRetries(async () => {
    const { path: folder, remove } = temporaryFolder(program);
    try {
      const port = await freePort();
      const socket = join(folder, 'ready.sock');
      const file = join(folder, 'proxy.conf');
      writeFileSync(file, wholeFile(configure({ port, folder }), socket));
      const server = await startServerProcess(program, args(file, folder), {
        cwd: folder,
        isReady: () => answers(socket),
      });
      onTestFinished(async () => {
        await server.stop();
        remove();
      });
      return { port, url: `http://127.0.0.1:${port}` };
    } catch (error) {
      remove();
      throw error;
    }
  });
}

/** Asks by a socket in the proxy's own folder: on the port, another process may respond. It serves all or nothing. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    http
      .get({ socketPath, path: '/', timeout: 1000, agent: false }, (res) => {
        res.resume();
        resolve(res.statusCode === 200);
      })
      .on('timeout', () => reject(new Error('no answer')))
      .on('error', reject);
  });
}
