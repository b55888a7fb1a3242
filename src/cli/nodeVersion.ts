/** The oldest Node that everything here runs on; package.json says the same. */
export const oldestNode = '22.15';

/** Why a version of Node cannot be used, in words; undefined when it can. */
export function whyNotThisNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode.split('.').map(Number);
  const isNewEnough = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  return isNewEnough ? undefined : `this is Node ${version}, and Swarm needs ${oldestNode} or newer`;
}
