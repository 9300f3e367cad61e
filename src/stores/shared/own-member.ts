/** A member of an object that somebody else made; not what a polluted `Object.prototype` would add to it. */
export function ownMember<Source extends object, Name extends keyof Source>(
  source: Source,
  name: Name,
): Source[Name] | undefined {
  return Object.hasOwn(source, name) ? source[name] : undefined;
}
