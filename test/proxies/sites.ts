import { addAfter, docsBlock } from './docs-block.js';
import { type RunningProxy, startHaproxy, startNginx, TLS, writePairTo } from './proxy.js';

interface App {
  readonly port: number;
}

/** The site of the docs in nginx, with these directives in its `server`. */
export function nginxSite(app: App, ...additions: string[]): Promise<RunningProxy> {
  return startNginx(({ port }) =>
    additions.reduce(
      (text, addition) => addAfter(text, '  proxy_set_header X-Forwarded-Proto $scheme;', addition),
      docsBlock('nginx', 'site', { 'listen 80;': `listen 127.0.0.1:${port};`, ...serverOf(app) }),
    ),
  );
}

/** The site of the docs in nginx, with the upstream of the docs for these two processes. */
export function nginxTwoServers(first: App, second: App): Promise<RunningProxy> {
  const [upstream] = docsBlock('nginx', 'site').split('\n\n') as [string];
  return startNginx(({ port }) =>
    docsBlock('nginx', 'site', {
      'listen 80;': `listen 127.0.0.1:${port};`,
      [`${upstream}\n`]: docsBlock('nginx', 'two-servers', {
        ...serverOf(first),
        '127.0.0.1:3001': `127.0.0.1:${second.port}`,
      }),
    }),
  );
}

/** nginx as installed: with these directives in its `server`, and its defaults. */
export function nginxDefaults({ port: appPort }: App, addition = ''): Promise<RunningProxy> {
  return startNginx(
    ({ port }) => `server {
  listen 127.0.0.1:${port};
  ${addition}
  location / { proxy_pass http://127.0.0.1:${appPort}; }
}`,
  );
}

/** The HTTPS site of the docs in nginx, with `ssl` or more than that. */
export async function nginxTls(app: App, protocols = 'ssl'): Promise<RunningProxy> {
  const proxy = await startNginx(({ port }) =>
    docsBlock('nginx', 'site', {
      'listen 80;': docsBlock('nginx', 'tls', {
        'listen 443 ssl;': `listen 127.0.0.1:${port} ${protocols};`,
        '/etc/ssl/example.pem': TLS.certificate,
        '/etc/ssl/example.key': TLS.key,
      }),
      ...serverOf(app),
    }),
  );
  return { ...proxy, url: `https://127.0.0.1:${proxy.port}` };
}

/** The site of the docs in haproxy, with these lines in its sections. */
export function haproxySite(
  app: App,
  {
    frontend = '',
    backend = '',
  }: { frontend?: string | ((folder: string) => string); backend?: string } = {},
): Promise<RunningProxy> {
  return startHaproxy(({ port, folder }) => {
    const site = docsBlock('haproxy', 'site', { 'bind :80': `bind 127.0.0.1:${port}`, ...serverOf(app) });
    const lines = typeof frontend === 'string' ? frontend : frontend(folder);
    return addAfter(addAfter(site, '  option forwardfor', lines), '\nbackend app', backend);
  });
}

/** The HTTPS site of the docs in haproxy. */
export async function haproxyTls(app: App): Promise<RunningProxy> {
  const proxy = await startHaproxy(({ port, folder }) =>
    docsBlock('haproxy', 'tls', {
      'bind :443': `bind 127.0.0.1:${port}`,
      '/etc/haproxy/example-with-key.pem': writePairTo(folder),
      ...serverOf(app),
    }),
  );
  return { ...proxy, url: `https://127.0.0.1:${proxy.port}` };
}

function serverOf({ port }: App): Record<string, string> {
  return { '127.0.0.1:3000': `127.0.0.1:${port}` };
}
