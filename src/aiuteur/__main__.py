from aiuteur.cli import main

main()
