import type { Asked, Scenario, Step, Turn } from '../../test/support/model/script.ts';
import { bash, edit, read, say, task, write } from '../../test/support/model/script.ts';

/** Four tasks for the tea shop: the first two want the same file, the last one comes after the first. */
export const sampleTasks = `tasks:
  - name: discount
    title: Discount for ten packets
    prompt: |
      In src/price.js, give ten percent off when somebody buys ten packets or more.
      Add a test for it in test/discount.test.js.
  - name: cents
    title: Round to whole cents
    prompt: In src/price.js, round every price to whole cents. Add a test for it in test/cents.test.js.
  - name: opening
    title: Opening hours
    prompt: Write the opening hours into docs/opening-hours.md. The shop is open from Tuesday to Saturday, ten to six.
  - name: explain
    title: Explain the discount
    after: [discount]
    prompt: Explain the discount of src/price.js to customers in docs/discount.md, in two sentences.
`;

const testOf = (sentence: string, assertion: string): string => `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { price } from '../src/price.js';

test('${sentence}', () => {
  ${assertion}
});
`;

const plain = '  return teas[tea] * packets;\n';
const discounted = '  const discount = packets >= 10 ? 0.9 : 1;\n  return teas[tea] * packets * discount;\n';
const rounded = '  return Math.round(teas[tea] * packets * 100) / 100;\n';
const both =
  '  const discount = packets >= 10 ? 0.9 : 1;\n  return Math.round(teas[tea] * packets * discount * 100) / 100;\n';

const priceFile = (body: string): string => `/** Price of one packet of each tea, in euros. */
export const teas = { assam: 4.5, darjeeling: 6.2, sencha: 5.8 };

/** What a number of packets costs, in euros. */
export function price(tea, packets) {
${body}}
`;

const discountTest = write(
  'test/discount.test.js',
  testOf('ten packets are cheaper', "assert.ok(Math.abs(price('assam', 10) - 40.5) < 1e-9);"),
);
const centsTest = write(
  'test/cents.test.js',
  testOf('prices are whole cents', "assert.equal(price('darjeeling', 3), 18.6);"),
);

/** The file is another's: nothing else is left to do, so the turn ends here. Else `go` on. */
const unlessTaken =
  (...go: readonly Step[]) =>
  ({ conversation }: Asked): Turn =>
    conversation.toolResults.some(({ tool, isError }) => tool === 'Edit' && isError)
      ? [say('Another session has claimed src/price.js. I go on once it is mine.')]
      : go;

/** What the task about the discount does, or the one about cents: a session that goes on has the same words to go on after. */
const either =
  (discount: readonly Step[], cents: readonly Step[]) =>
  ({ conversation }: Asked): Turn =>
    conversation.userTexts.some((text) => text.includes('give ten percent off')) ? discount : cents;

/** What the scripted model does for them, waiting, conflicts and changes asked for included; whatever else it is asked it writes down in a note. */
export const sampleScenarios: readonly Scenario[] = [
  task(/^Your branch conflicts with/).turns(
    [read('src/price.js')],
    [write('src/price.js', priceFile(both))],
    [bash('node --test')],
    [bash('git add . && git commit -m "Keep both: the discount and whole cents"')],
    [say('Both changes are in: the discount is taken first, then the price is rounded.')],
  ),
  task(/^What others had claimed is claimed for your task now/).turns(
    [say('src/price.js is mine now. I look at what has become of it.'), read('src/price.js')],
    [write('src/price.js', priceFile(both))],
    either([discountTest], [centsTest]),
    [bash('node --test')],
    either(
      [bash('git add . && git commit -m "Give ten percent off for ten packets"')],
      [bash('git add . && git commit -m "Round prices to whole cents"')],
    ),
    either(
      [say('Ten packets or more are now ten percent cheaper, on top of the rounding, with a test.')],
      [say('Prices are whole cents now, after the discount, with a test.')],
    ),
  ),
  task(/^Your work on this task was reviewed/).turns(
    [read('docs/opening-hours.md')],
    [
      write(
        'docs/opening-hours.md',
        '# Opening hours\n\nTuesday to Saturday, 10:00 to 18:00.\n\nClosed on public holidays.\n',
      ),
    ],
    [bash('git add . && git commit -m "Say what happens on public holidays"')],
    [say('The opening hours now name public holidays.')],
  ),
  task('give ten percent off').turns(
    [say('I look at how prices are made.'), read('src/price.js')],
    [edit('src/price.js', plain, discounted)],
    unlessTaken(discountTest),
    [bash('node --test')],
    [bash('git add . && git commit -m "Give ten percent off for ten packets"')],
    [say('Ten packets or more are now ten percent cheaper, with a test.')],
  ),
  task('round every price to whole cents').turns(
    [read('src/price.js')],
    [edit('src/price.js', plain, rounded)],
    unlessTaken(centsTest),
    [bash('node --test')],
    [bash('git add . && git commit -m "Round prices to whole cents"')],
    [say('Prices are whole cents now, with a test.')],
  ),
  task('Write the opening hours').turns(
    [write('docs/opening-hours.md', '# Opening hours\n\nTuesday to Saturday, 10:00 to 18:00.\n')],
    [say('The opening hours are written down.')],
  ),
  task('Explain the discount').turns(
    [read('src/price.js')],
    [
      write(
        'docs/discount.md',
        '# Discount\n\nWhoever buys ten packets or more pays ten percent less. It is taken off by itself.\n',
      ),
    ],
    [bash('git add . && git commit -m "Explain the discount"')],
    [say('The discount is explained.')],
  ),
  task(() => true).turns(
    [
      ({ folder, prompt }) => ({
        tool: 'Write',
        input: { file_path: `${folder}/notes/${slug(prompt)}.md`, content: `${prompt}\n` },
      }),
    ],
    [say('I am a scripted model, not Claude: I wrote your words into a note.')],
  ),
];

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-|-$/g, '') || 'note';
