import { addCoordinatorTools } from './coordinatorTools.ts';
import { addTeamTools } from './teamTools.ts';
import type { AddTool } from './tool.ts';

/** The names of all tools of a coordinating session that ask nobody before they do something. */
export function toolNames(): readonly string[] {
  const names: string[] = [];
  const note: AddTool = ({ name, asksThePerson }) => {
    if (asksThePerson !== true) names.push(name);
  };
  const unused = {} as never;
  addTeamTools(note, unused);
  addCoordinatorTools(note, unused);
  return names;
}
