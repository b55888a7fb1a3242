import {
  type Disposable,
  type InputBox,
  type QuickInput,
  QuickInputButtons,
  type QuickPick,
  type QuickPickItem,
  window,
} from 'vscode';

/** What came of one step: an answer, the wish to go back, or undefined when the person gave up. */
export type Answer<T> = { readonly value: T } | 'back' | undefined;

/** Where in a sequence of questions one stands. */
export interface Place {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
  /** Whether there is something to go back to. */
  readonly canGoBack: boolean;
}

/** A choice with what it stands for. */
export interface Choice<T> extends QuickPickItem {
  readonly value?: T;
}

/** Asks something else in between, which may take this question's place on screen; then this one is shown again. */
type Between = <R>(other: () => Promise<R>) => Promise<R>;

/** A question that is being asked: call `done` with what came of it. */
type Ask<Input extends QuickInput, T> = (
  input: Input,
  done: (answer: Answer<T>) => void,
  between: Between,
) => Disposable[];

/** Shows an input until `ask` is done with it. Leaving it for another part of the window does not close it. */
export async function show<Input extends QuickInput, T>(
  input: Input & (QuickPick<QuickPickItem> | InputBox),
  place: Place,
  ask: Ask<Input, T>,
): Promise<Answer<T>> {
  input.title = place.title;
  input.step = place.step;
  input.totalSteps = place.totalSteps;
  input.ignoreFocusOut = true;
  const owned: Disposable[] = [input];
  let isBetween = false;
  const between: Between = async (other) => {
    isBetween = true;
    try {
      return await other();
    } finally {
      isBetween = false;
      input.show();
    }
  };
  try {
    return await new Promise<Answer<T>>((resolve, reject) => {
      if (place.canGoBack) input.buttons = [QuickInputButtons.Back, ...input.buttons];
      owned.push(
        input.onDidTriggerButton((button) => button === QuickInputButtons.Back && resolve('back')),
        input.onDidHide(() => !isBetween && resolve(undefined)),
      );
      try {
        owned.push(...ask(input, resolve, between));
      } catch (error) {
        reject(error);
      }
      input.show();
    });
  } finally {
    for (const each of owned) each.dispose();
  }
}

/** Asks for one of several; `active` is chosen by Enter alone. */
export function askChoice<T>(
  place: Place,
  placeholder: string,
  choices: readonly Choice<T>[],
  active?: T,
): Promise<Answer<T>> {
  return show<QuickPick<Choice<T>>, T>(window.createQuickPick<Choice<T>>(), place, (pick, done) => {
    pick.placeholder = placeholder;
    pick.matchOnDescription = true;
    pick.items = choices;
    pick.activeItems = choices.filter((choice) => 'value' in choice && choice.value === active);
    return [
      pick.onDidAccept(() => {
        const [chosen] = pick.activeItems;
        if (chosen && 'value' in chosen) done({ value: chosen.value as T });
      }),
    ];
  });
}

/** Asks for a text; `validate` says what is wrong with it. */
export function askText(
  place: Place,
  prompt: string,
  value: string,
  validate: (text: string) => string | undefined,
): Promise<Answer<string>> {
  return show<InputBox, string>(window.createInputBox(), place, (box, done) => {
    box.prompt = prompt;
    box.value = value;
    const check = (text: string): boolean => {
      const problem = validate(text);
      box.validationMessage = problem;
      return problem === undefined;
    };
    return [box.onDidChangeValue(check), box.onDidAccept(() => check(box.value) && done({ value: box.value }))];
  });
}
