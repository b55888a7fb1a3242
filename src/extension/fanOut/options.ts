import { reviewPolicies } from '../../core/model/batch.ts';
import type { PermissionMode } from '../../core/model/session.ts';
import { permissionModes } from '../../core/model/session.ts';
import type { Settings } from '../../core/settings.ts';
import type { Answer, Place } from '../ask/quickInput.ts';
import { askChoice, askText } from '../ask/quickInput.ts';
import { words } from '../words.ts';
import type { Draft } from './draft.ts';

const { t } = words;

/** What can be changed before the start. */
export type Option = 'model' | 'permissionMode' | 'check' | 'review' | 'land' | 'base';

/** Asks for another value of one option; answers with the changed draft. */
export async function askOption(
  place: Place,
  option: Option,
  draft: Draft,
  settings: Settings,
): Promise<Answer<Draft>> {
  const answered = <T>(answer: Answer<T>, change: (value: T) => Draft): Answer<Draft> =>
    typeof answer === 'object' ? { value: change(answer.value) } : answer;
  const anything = () => undefined;
  switch (option) {
    case 'model': {
      const prompt = t('The model, as `claude --model` takes it; empty: Claude Code’s own choice.');
      const now = draft.model ?? settings['claude.model'];
      return answered(await askText(place, prompt, now, anything), (text) => ({ ...draft, model: text.trim() }));
    }
    case 'permissionMode': {
      const items = permissionModes.map((mode) => ({ label: mode, detail: aboutMode(mode), value: mode }));
      const now = draft.permissionMode ?? settings['claude.permissionMode'];
      const answer = await askChoice(place, t('What may sessions do without asking?'), items, now);
      return answered(answer, (permissionMode) => ({ ...draft, permissionMode }));
    }
    case 'check': {
      const prompt = t('The command that must pass on the merged tree before anything lands; empty: none.');
      const now = draft.check ?? settings['check.command'];
      return answered(await askText(place, prompt, now, anything), (text) => ({ ...draft, check: text.trim() }));
    }
    case 'review': {
      const items = reviewPolicies.map((review) => ({ label: reviewInWords(review), value: review }));
      const answer = await askChoice(place, t('Who approves?'), items, draft.review);
      return answered(answer, (review) => ({ ...draft, review }));
    }
    case 'land': {
      const items = [false, true].map((land) => ({ label: landInWords(land), value: land }));
      const answer = await askChoice(place, t('When is approved work merged?'), items, draft.land);
      return answered(answer, (land) => ({ ...draft, land }));
    }
    case 'base': {
      const prompt = t('A branch, tag or commit to start from; empty: the tip of {0}.', draft.target);
      return answered(await askText(place, prompt, draft.base ?? '', anything), (text) => {
        const { base: _before, ...rest } = draft;
        return text.trim() === '' ? rest : { ...rest, base: text.trim() };
      });
    }
  }
}

export const reviewInWords = (review: Draft['review']): string =>
  review === 'human' ? t('you approve each task') : t('approved by itself once the check is green');

export const landInWords = (land: boolean): string => (land ? t('by itself once approved') : t('when you say so'));

function aboutMode(mode: PermissionMode): string {
  switch (mode) {
    case 'default':
      return t('Edits inside the worktree are granted; everything else asks you in the terminal.');
    case 'acceptEdits':
      return t('Like default, in Claude Code’s own mode for edits.');
    case 'plan':
      return t('Reads and plans, changes nothing.');
    case 'dontAsk':
      return t('Edits inside the worktree are granted; what would ask is denied.');
    case 'bypassPermissions':
      return t('Everything is let through. Only for machines that may be lost.');
  }
}
