import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, Router } from 'express';
import openapi from 'express-session-info/openapi.json' with { type: 'json' };

const PUBLIC = fileURLToPath(new URL('public', import.meta.url));

/** The files of the pages, and the OpenAPI document that the API reference shows. They need no session and create none. */
export function createPages(): Router {
  const pages = Router();
  pages.use(protect);
  pages.get('/openapi.json', (_req, res) => void res.json(openapi));
  pages.use(express.static(PUBLIC, { index: false, redirect: false }));
  return pages;
}

/** The portal's page. The portal says what caches may do with it. */
export const sendPortalPage: RequestHandler = (_req, res) => {
  res.sendFile('index.html', { root: PUBLIC, cacheControl: false });
};

/** Scripts, styles and data come from files of this app; no other site can show a page of it in a frame. */
const protect: RequestHandler = (_req, res, next) => {
  res.set({
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  next();
};

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  ...['script-src', 'style-src', 'img-src', 'connect-src'].map((directive) => `${directive} 'self'`),
  ...['base-uri', 'form-action', 'frame-ancestors'].map((directive) => `${directive} 'none'`),
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');
