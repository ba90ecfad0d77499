Attribute VB_Name = "Opening"
Option Explicit
' When Excel opens the add-in: tell the function wizard about the functions.

Public Sub Auto_Open()
    On Error Resume Next ' the wizard's help is a courtesy: without it all else works
    MB_Describe
End Sub
