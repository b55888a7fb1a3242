@echo off
rem Runs Swarm's command line on the Node that its terminal was given, else on the one on the PATH.
setlocal
set ELECTRON_RUN_AS_NODE=1
if not defined SWARM_NODE set SWARM_NODE=node
"%SWARM_NODE%" "%~dp0..\..\dist\cli\main.js" %*
