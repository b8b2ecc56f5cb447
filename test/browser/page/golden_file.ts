/** The text of `test/golden/<path>.json`, from the server of the page. */
export async function readGoldenFile(path: string): Promise<string> {
  const response = await fetch(`/test/golden/${path}.json`);
  if (!response.ok) throw new Error(`test/golden/${path}.json: ${response.status} ${response.statusText}`);
  return response.text();
}
