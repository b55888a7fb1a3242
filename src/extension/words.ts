import { env, l10n } from 'vscode';
import type { Words } from './model/words.ts';

const clock = new Intl.DateTimeFormat(env.language, { timeStyle: 'medium' });
const calendar = new Intl.DateTimeFormat(env.language, { dateStyle: 'medium', timeStyle: 'short' });
const dollars = new Intl.NumberFormat(env.language, { style: 'currency', currency: 'USD' });
const numbers = new Intl.NumberFormat(env.language);

/** How this window speaks. */
export const words: Words = {
  t: (message, ...values) => l10n.t(message, ...values),
  time: (at) => {
    const date = new Date(at);
    return date.toDateString() === new Date().toDateString() ? clock.format(date) : calendar.format(date);
  },
  money: (usd) => dollars.format(usd),
  count: (value) => numbers.format(value),
};
