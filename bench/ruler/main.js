const { mkdirSync, readFileSync, watch } = require('node:fs');
const { homedir } = require('node:os');
const { join } = require('node:path');
const vscode = require('vscode');

exports.activate = ({ subscriptions }) => {
  const folder = join(homedir(), 'ruler');
  mkdirSync(folder, { recursive: true });
  const changed = new vscode.EventEmitter();
  let text = 'nothing yet';
  const watcher = watch(folder, () => {
    text = readFileSync(join(folder, 'text'), 'utf8');
    changed.fire(undefined);
  });
  const tree = {
    onDidChangeTreeData: changed.event,
    getChildren: (row) => (row ? [] : ['row']),
    getTreeItem: () => Object.assign(new vscode.TreeItem('ruler'), { id: 'row', description: text }),
  };
  subscriptions.push(vscode.window.registerTreeDataProvider('ruler.row', tree), { dispose: () => watcher.close() });
};
