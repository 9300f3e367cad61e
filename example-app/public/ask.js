/** Sends a request of this page, and returns the status and the JSON of the response. Rejects when the service can't be reached in time. */
export async function ask(path, options = {}) {
  const response = await fetch(path, {
    ...options,
    headers: { Accept: 'application/json', ...options.headers },
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
  });
  return { status: response.status, body: await response.json() };
}

const TIME_LIMIT_MS = 5_000;

/** A header's value as the bytes of UTF-8, which is how the API reads it; fetch itself takes Latin-1 only. */
export function utf8(text) {
  return String.fromCharCode(...new TextEncoder().encode(text));
}
