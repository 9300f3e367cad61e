/** An error of the portal's own, in the shape of the API's. */
export function problem(code: string, message: string) {
  return { error: { code, message } };
}
