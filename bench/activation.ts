import { join } from 'node:path';
import { createSampleRepository } from '../scripts/sample/repository.ts';
import { type Benchmark, described } from './benchmark.ts';
import { type Activation, activations, openEditor } from './editor.ts';
import { eachRound, seriesOf } from './measure.ts';

const rounds = 5;

/** What starting VS Code pays for the extension, beside its own git extension in the same starts. */
export const activation: Benchmark = {
  name: 'activation',
  about: `${rounds} starts of VS Code`,
  async run(world) {
    const repository = join(world.folder, 'tea shop');
    await createSampleRepository(repository);
    await using window = await openEditor(world, repository);
    const starts: { readonly ours: Activation; readonly git: Activation }[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      await window.reload();
      const { 'swarm.swarm': ours, 'vscode.git': git } = await activations(window, ['swarm.swarm', 'vscode.git']);
      starts.push({ ours, git });
    }
    const finding = (part: keyof Activation, what: string) => {
      const ours = seriesOf(starts.map((start) => start.ours[part]));
      const git = seriesOf(starts.map((start) => start.git[part]));
      return {
        what,
        ours: described(ours, 'ms'),
        beside: `the built-in git extension ${described(git, 'ms')}`,
        value: eachRound(ours, git, (one, other) => one / other),
        unit: '×',
      };
    };
    return [
      { goal: 'G13', ...finding('whole', 'activation'), atMost: 0.5 },
      { goal: '', ...finding('begun', 'the part until it has been called') },
    ];
  },
};
