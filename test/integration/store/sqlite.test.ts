import { contract } from './contract.ts';
import { sqliteGround } from './grounds.ts';

contract('SQLite', sqliteGround);
