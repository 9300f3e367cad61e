/** Lines to paste into a shell, in order: create a session, update it, read it without keeping it alive, use the portal with it, see it at the desk. */
export function curlLines(url: string, needsKey: boolean): string[] {
  const key = needsKey ? ' -H "Authorization: Bearer $SERVICE_KEY"' : '';
  const takeId = `sed 's/.*"sessionId":"\\([^"]*\\)".*/\\1/'`;
  return [
    `ID=$(curl -s -X PUT ${url}/sessions/new${key} -H 'gkc_customerId: customer-42' | ${takeId}); echo "$ID"`,
    `curl -s -X POST "${url}/sessions/$ID"${key} -H 'gkc_agentId: agent-7' -H 'Content-Type: application/json' -d '{"visitId":"visit-1"}'; echo`,
    `curl -s "${url}/sessions/$ID?extend=false"${key}; echo`,
    `curl -s "${url}/articles?q=router" -H "gkc_sessionId: $ID"; echo`,
    `curl -s "${url}/desk/$ID"${key}; echo`,
  ];
}
