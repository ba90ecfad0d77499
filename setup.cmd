@echo off
rem Sets Markbooks up for you on this machine: setup.cmd SCHOOL-FOLDER. Run it again after an update.
cd /d "%~dp0"
where py >nul 2>nul || (echo Install Python 3.11 or newer from python.org first. & exit /b 2)
if not exist .venv\Scripts\python.exe py -3 -m venv .venv || exit /b 2
.venv\Scripts\python -m pip install --quiet --upgrade ".[server]" || exit /b 2
set "SCHOOL=%~f1"
if "%~1"=="" set /p "SCHOOL=Folder of your school (it is made if it is not there): "
if not exist "%SCHOOL%\school.toml" .venv\Scripts\markbook new "%SCHOOL%" || exit /b 2
.venv\Scripts\markbook addin install --school "%SCHOOL%"
